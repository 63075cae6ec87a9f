/** Decides what the one line at the top of a call says, if anything. Plain; `features/call` has the words. */
import type { CallPhase } from './callState';
import { ORIGINAL, type LanguageCode } from './languages';
import type { Notice } from './notices';

export type QuietLine =
  | { kind: 'connecting' | 'reconnecting' | 'away' | 'catching_up' | 'voice_paused' | 'untranslated' | 'original_only' }
  | { kind: 'interpreting'; lagS: number };

/** From here on the interpreter leaves voice out, so that it does not fall further behind. */
const CATCHING_UP_MS = 6_000;
/** How long the interpreter may be away before anybody is told: a replacement is there sooner. */
export const AWAY_AFTER_MS = 2_000;

export interface QuietLineInput {
  phase: CallPhase;
  /** Since when no interpreter is in the room, milliseconds ago; null if one is. */
  interpreterAwayMs: number | null;
  notices: readonly Notice[];
  /** Somebody else speaks a language that this reader does not read. */
  needed: boolean;
  reads: LanguageCode | null;
  listens: LanguageCode;
  lagMs: number | null;
  /** A dubbed voice was left out a moment ago. */
  voiceSkipped: boolean;
}

export function quietLine(input: QuietLineInput): QuietLine | null {
  if (input.phase === 'connecting' || input.phase === 'reconnecting') return { kind: input.phase };
  if (!input.needed) return null;
  if (input.interpreterAwayMs !== null) return input.interpreterAwayMs > AWAY_AFTER_MS ? { kind: 'away' } : null;
  const mine = [input.reads, input.listens === ORIGINAL ? null : input.listens];
  const levels = input.notices
    .filter((notice) => notice.language === null || mine.includes(notice.language))
    .map((notice) => notice.level);
  const level = Math.max(0, ...levels);
  if (level >= 5) return { kind: 'original_only' };
  if (level === 4) return { kind: 'untranslated' };
  if (level === 3 && input.listens !== ORIGINAL) return { kind: 'voice_paused' };
  const late = input.voiceSkipped || (input.lagMs ?? 0) > CATCHING_UP_MS;
  if (late && input.listens !== ORIGINAL) return { kind: 'catching_up' };
  if (input.lagMs === null) return null;
  return { kind: 'interpreting', lagS: input.lagMs / 1_000 };
}
