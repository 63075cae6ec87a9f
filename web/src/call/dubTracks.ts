/**
 * Which sounds of a call this listener gets: the original of everybody, and one dub per speaker in his own language.
 *
 * A listener keeps tracks that are no longer forwarded, so what is played follows from his choices, never from what is
 * subscribed. To `audioMix.ts`.
 */
import { ORIGINAL, type LanguageCode } from './languages';

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
}

/** Read `dub:<speaker identity>:<language>`; null for any other track. */
export function parseDubName(trackName: string): DubName | null {
  const match = /^dub:(.+):([a-z]{2,3}(?:-[A-Za-z]+)?)$/.exec(trackName);
  return match?.[1] && match[2] ? { speaker: match[1], language: match[2] } : null;
}

/** Say whether this dub is to be heard by somebody who `listens` in a language (or to the original). */
export function isHeard(dub: DubName, listens: LanguageCode, hearing: Hearing): boolean {
  return listens !== ORIGINAL && dub.language === listens && hearing.mode !== 'original';
}

/** The level of the original while a dub that is heard sounds. */
export function levelUnderDub(hearing: Hearing): number {
  return hearing.mode === 'dub' ? 0 : hearing.underDub;
}
