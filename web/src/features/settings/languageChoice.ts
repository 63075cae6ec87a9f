/** What somebody speaks, reads and hears, as the page's lists hold it and as the API takes it. Plain functions. */
import type { Choices, RoomInfo } from '../../api/types';
import { firstThatWorks, ORIGINAL, type LanguageCode } from '../../call/languages';
import type { Preferences } from '../../call/preferences';
import type { VoiceWish } from '../../call/voices';

/** What the lists hold: a language, `none`, or for hearing `same` (as read) or `original`. */
export interface LanguageChoice {
  speaks: LanguageCode;
  reads: LanguageCode;
  /** A wish: `same` stays chosen while the language that is read has no voice, and counts again with one that has. */
  listens: LanguageCode;
  voice: VoiceWish;
}

export const NONE = 'none';
export const SAME = 'same';

/** What is chosen at first: what was chosen before as far as it works here, else by the browser's languages. */
export function firstChoice(room: RoomInfo, preferences: Preferences, browser: readonly string[]): LanguageChoice {
  const works = (options: RoomInfo['speaks'], code: LanguageCode | null) =>
    options.some((option) => option.code === code && option.works) ? code : null;
  const remembered = (value: LanguageCode | null, options: RoomInfo['speaks']) =>
    preferences.chosen ? (value === null ? NONE : works(options, value)) : null;
  const reads = remembered(preferences.reads, room.reads) ?? firstThatWorks(room.reads, browser) ?? NONE;
  return {
    speaks: remembered(preferences.speaks, room.speaks) ?? firstThatWorks(room.speaks, browser) ?? NONE,
    reads,
    listens: preferences.listens === ORIGINAL ? ORIGINAL : (works(room.listens, preferences.listens) ?? SAME),
    voice: room.voices.some(({ voice, works }) => works && voice === preferences.voice) ? preferences.voice : 'natural',
  };
}

/** Say whether a dub in this language is possible here. */
export function hasVoice(room: RoomInfo, code: LanguageCode): boolean {
  return room.listens.some((option) => option.code === code && option.works);
}

/** As the API takes it. "Same as I read" without captions, or without a voice, is the original. */
export function resolve(choice: LanguageChoice, room: RoomInfo): Omit<Choices, 'consent'> {
  const listens = choice.listens === SAME ? choice.reads : choice.listens;
  return {
    speaks: choice.speaks === NONE ? null : choice.speaks,
    reads: choice.reads === NONE ? null : choice.reads,
    listens: hasVoice(room, listens) ? listens : ORIGINAL,
    voice: choice.voice,
  };
}

/** What is heard for now, as the list shows it. */
export function hearingShown(choice: LanguageChoice, room: RoomInfo): LanguageCode {
  return choice.listens === SAME && !hasVoice(room, choice.reads) ? ORIGINAL : choice.listens;
}

/** As the lists hold what the API answered; `wish` is what was chosen under "I hear" before. */
export function asChoice(choices: Omit<Choices, 'consent'>, wish: Preferences['listens']): LanguageChoice {
  const same = choices.listens === choices.reads || (choices.listens === ORIGINAL && wish === null);
  return { speaks: choices.speaks ?? NONE, reads: choices.reads ?? NONE, listens: same ? SAME : choices.listens, voice: choices.voice };
}

/** As the preferences remember it. */
export function asPreferences(choice: LanguageChoice): Pick<Preferences, 'speaks' | 'reads' | 'listens' | 'voice' | 'chosen'> {
  return {
    speaks: choice.speaks === NONE ? null : choice.speaks,
    reads: choice.reads === NONE ? null : choice.reads,
    listens: choice.listens === SAME ? null : choice.listens,
    voice: choice.voice,
    chosen: true,
  };
}
