/**
 * Who gets whose words, and how. Plain functions over people and what is interpreted at this moment.
 *
 * "Planned" is what follows from choices alone; the rest also from what works now. To `liveKitCall.ts` and `features/call`.
 */
import type { Direction } from '../api/types';
import type { CallState, Person } from './callState';
import { ORIGINAL, type LanguageCode } from './languages';
import type { Notice } from './notices';

/** What is interpreted at this moment. */
export interface Interpreting {
  directions: readonly Direction[];
  /** A host has not switched it off. */
  on: boolean;
  /** An interpreter is in the room. */
  present: boolean;
  notices: readonly Notice[];
}

export interface Audience {
  /** Languages in which others read me. */
  reads: LanguageCode[];
  /** Languages in which others hear a dub of me. */
  hears: LanguageCode[];
}

type Listener = Pick<Person, 'reads' | 'listens'>;

/** Steps of the ladder (`interpreting/ladder.py`). */
const CAPTIONS_ONLY = 3;
const UNTRANSLATED = 4;
const ORIGINAL_ONLY = 5;

/** In which languages the others chose to get what `me` says. */
export function plannedAudience(me: Person, others: readonly Listener[], directions: readonly Direction[]): Audience {
  if (!me.consents || !me.transcribed || !me.speaks) return { reads: [], hears: [] };
  const { speaks } = me;
  const direction = (target: LanguageCode) =>
    directions.find((one) => one.source === speaks && one.target === target);
  const reads = others.flatMap(({ reads: code }) => (code && (code === speaks || direction(code)) ? [code] : []));
  const hears = others.flatMap(({ listens }) => (listens !== ORIGINAL && direction(listens)?.voice ? [listens] : []));
  return { reads: [...new Set(reads)].sort(), hears: [...new Set(hears)].sort() };
}

/** In which languages the others get what `me` says now. */
export function audienceOf(me: Person, others: readonly Listener[], interpreting: Interpreting): Audience {
  if (!interpreting.on || !interpreting.present) return { reads: [], hears: [] };
  const { reads, hears } = plannedAudience(me, others, interpreting.directions);
  const level = (language: LanguageCode) => levelOf(me, language, interpreting);
  return {
    // Who reads my own language misses no translation.
    reads: reads.filter((code) => level(code) < (code === me.speaks ? ORIGINAL_ONLY : UNTRANSLATED)),
    hears: hears.filter((code) => level(code) < CAPTIONS_ONLY),
  };
}

/** Why nobody gets what somebody says in another language now. */
export type Withheld = 'no_consent' | 'excluded' | 'original_only' | 'untranslated';

/** Why the others get nothing of `me` but the voice, or untranslated words; null if they get what they chose, or chose nothing. */
export function withheldOf(me: Person, others: readonly Listener[], interpreting: Interpreting): Withheld | null {
  if (!me.speaks) return null;
  if (!me.consents) return 'no_consent';
  if (!me.transcribed) return 'excluded';
  const planned = plannedAudience(me, others, interpreting.directions);
  const now = audienceOf(me, others, interpreting);
  if (isEmpty(planned) || !isEmpty(now)) return null;
  const areRead = interpreting.on && interpreting.present;
  return areRead && planned.reads.some((code) => levelOf(me, code, interpreting) === UNTRANSLATED) ? 'untranslated' : 'original_only';
}

/** What a listener chose to get of a speaker: interpreted, in the language anyway, or as original only. */
export type PlannedReach = 'interpreted' | 'same' | 'no_direction' | 'no_consent' | 'excluded' | 'silent';

/** What a listener gets now: less, if it is switched off, the interpreter is away, or the speaker stands low on the ladder. */
export type Reach = PlannedReach | 'off' | 'away' | 'original_only' | 'untranslated';

export function plannedReach(speaker: Person, listener: Listener, directions: readonly Direction[]): PlannedReach {
  if (!speaker.speaks) return 'silent';
  const target = targetOf(listener);
  if (target === null || target === speaker.speaks) return 'same';
  if (!speaker.consents) return 'no_consent';
  if (!speaker.transcribed) return 'excluded';
  return directions.some((one) => one.source === speaker.speaks && one.target === target) ? 'interpreted' : 'no_direction';
}

export function reachOf(speaker: Person, listener: Listener, interpreting: Interpreting): Reach {
  const planned = plannedReach(speaker, listener, interpreting.directions);
  if (planned !== 'interpreted') return planned;
  if (!interpreting.on) return 'off';
  if (!interpreting.present) return 'away';
  const level = levelOf(speaker, targetOf(listener), interpreting);
  if (level >= ORIGINAL_ONLY) return 'original_only';
  return level >= UNTRANSLATED ? 'untranslated' : 'interpreted';
}

/** Whose dubs somebody who hears `listens` can count on now: of them, the original is not needed. */
export function voicedFor(
  { people, decided, interpreterPresent, notices }: Pick<CallState, 'people' | 'decided' | 'interpreterPresent' | 'notices'>,
  listens: LanguageCode,
  directions: readonly Direction[],
): Set<string> {
  if (listens === ORIGINAL || !interpreterPresent || decided?.interpretation === false) return new Set();
  const isVoiced = (person: Person) =>
    !person.isLocal &&
    person.consents &&
    person.transcribed &&
    directions.some(({ source, target, voice }) => voice && source === person.speaks && target === listens) &&
    person.speaks !== listens &&
    levelOf(person, listens, { notices }) < CAPTIONS_ONLY;
  return new Set(people.filter(isVoiced).map(({ identity }) => identity));
}

/** What is read, or heard where nothing is; null for the original alone. */
function targetOf({ reads, listens }: Listener): LanguageCode | null {
  return reads ?? (listens === ORIGINAL ? null : listens);
}

/** The lowest step of the ladder on which a speaker stands in a language; 0 if nothing is told. */
function levelOf({ identity }: Person, language: LanguageCode | null, { notices }: Pick<Interpreting, 'notices'>): number {
  const levels = notices
    .filter((notice) => notice.speaker === identity && (notice.language ?? language) === language)
    .map(({ level }) => level);
  return Math.max(0, ...levels);
}

function isEmpty({ reads, hears }: Audience): boolean {
  return reads.length === 0 && hears.length === 0;
}
