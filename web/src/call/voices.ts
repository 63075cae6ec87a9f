/** The voices of dubs: what a listener wishes for, and what plays. Plain functions; from `notices.ts`. */
import { ORIGINAL, type LanguageCode } from './languages';
import type { Notice } from './notices';

export const VOICE_WISHES = ['natural', 'fast', 'own'] as const;
export type VoiceWish = (typeof VOICE_WISHES)[number];

/** One kind of voice as the API offers it. */
export interface VoiceOption {
  voice: VoiceWish;
  works: boolean;
  /** Stable word for why not: `no_own_voice`; empty if it works. */
  reason: string;
}

const TIERS = ['cloned', 'quick', 'fallback'] as const;
/** What a dub sounds like now: the speaker's own voice, a natural one, the plain one; or it is left out. */
export type VoicePlaying = (typeof TIERS)[number] | 'captions_only';

/** A wish as it was remembered or sent; whatever is none counts as natural. */
export function readWish(word: unknown): VoiceWish {
  return VOICE_WISHES.find((wish) => wish === word) ?? 'natural';
}

/** The voice in which this listener hears a speaker; null while nobody knows, or for the original. */
export function voicePlaying(
  notices: readonly Notice[],
  speaker: string,
  { listens, voice }: { listens: LanguageCode; voice: VoiceWish },
): VoicePlaying | null {
  if (listens === ORIGINAL) return null;
  const mine = notices.filter((notice) => notice.speaker === speaker && (notice.language ?? listens) === listens);
  if (mine.some((notice) => notice.level >= 3)) return 'captions_only';
  const told = mine.find((notice) => notice.kind === 'voice' && notice.wish === voice);
  return TIERS.find((tier) => tier === told?.reason) ?? null;
}
