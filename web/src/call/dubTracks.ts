/**
 * Which sounds of a call this listener gets: the original of everybody, and one dub per speaker in his own language.
 *
 * A listener keeps tracks that are no longer forwarded, so what is played follows from his choices, never from what is
 * subscribed. To `audioMix.ts`.
 */
import { ORIGINAL, type LanguageCode } from './languages';
import { readWish, type VoiceWish } from './voices';

/** What a listener hears of one speaker: both (original lowered under the dub), the dub alone, or the original alone. */
export type HearingMode = 'both' | 'dub' | 'original';

export interface Hearing {
  mode: HearingMode;
  /** Level of the original while the dub sounds, 0 to 1. */
  underDub: number;
}

export const DEFAULT_UNDER_DUB = 0.18;

export interface DubName {
  speaker: string;
  language: LanguageCode;
  /** The wish it was made for. */
  voice: VoiceWish;
}

/** Read `dub:<speaker identity>:<language>`, with `:fast` or `:own` behind it for those wishes; null for any other track. */
export function parseDubName(trackName: string): DubName | null {
  const match = /^dub:(.+?):([a-z]{2,3}(?:-[A-Za-z]+)?)(?::(fast|own))?$/.exec(trackName);
  return match?.[1] && match[2] ? { speaker: match[1], language: match[2], voice: readWish(match[3]) } : null;
}

/** What a listener chose: a language, or the original, and the kind of voice. */
export interface Listening {
  listens: LanguageCode;
  voice: VoiceWish;
}

/** Say whether this dub is to be heard by somebody who listens so. */
export function isHeard(dub: DubName, { listens, voice }: Listening, hearing: Hearing): boolean {
  return listens !== ORIGINAL && dub.language === listens && dub.voice === voice && hearing.mode !== 'original';
}

/** The level of the original while a dub that is heard sounds. */
export function levelUnderDub(hearing: Hearing): number {
  return hearing.mode === 'dub' ? 0 : hearing.underDub;
}

/** The level of the original while no dub sounds: silent only for who wants the dub alone, and where one will come. */
export function levelAtRest(hearing: Hearing, { voiced }: { voiced: boolean }): number {
  return hearing.mode === 'dub' && voiced ? 0 : 1;
}

const MODES: readonly unknown[] = ['both', 'dub', 'original'] satisfies HearingMode[];

/** A hearing as it was remembered; null for anything else. */
export function readHearing(value: unknown): Hearing | null {
  if (typeof value !== 'object' || value === null) return null;
  const { mode, underDub } = value as Record<string, unknown>;
  if (!MODES.includes(mode) || typeof underDub !== 'number' || !(underDub >= 0 && underDub <= 1)) return null;
  return { mode: mode as HearingMode, underDub };
}
