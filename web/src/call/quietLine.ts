/** Decides what the one line at the top of a call says, if anything. Plain; `features/call` has the words. */
import type { CallPhase } from './callState';
import { ORIGINAL, type LanguageCode } from './languages';
import type { Notice } from './notices';

/** What the ladder took away, the lowest step first. */
export type Missing = 'original_only' | 'untranslated' | 'voice_paused' | 'simpler_translation';

export type QuietLine =
  | { kind: 'connecting' | 'reconnecting' | 'off' | 'away' | 'catching_up' | 'still_listening' }
  /** Of these speakers alone; null if it is so for all. */
  | { kind: Missing; of: readonly string[] | null }
  | { kind: 'interpreting'; lagS: number };

/** From here on the interpreter leaves voice out, so that it does not fall further behind. */
const CATCHING_UP_MS = 6_000;
/** How long the interpreter may be away before anybody is told: a replacement is there sooner. */
export const AWAY_AFTER_MS = 2_000;

export interface QuietLineInput {
  /** Whose page this is. */
  me: string;
  phase: CallPhase;
  /** A host has not switched it off. */
  interpretation: boolean;
  /** Since when no interpreter is in the room, milliseconds ago; null if one is. */
  interpreterAwayMs: number | null;
  notices: readonly Notice[];
  /** Who speaks a language that this reader does not read, and is interpreted for that. */
  speakers: readonly string[];
  reads: LanguageCode | null;
  listens: LanguageCode;
  lagMs: number | null;
  /** A dubbed voice was left out a moment ago. */
  voiceSkipped: boolean;
}

export function quietLine(input: QuietLineInput): QuietLine | null {
  if (input.phase === 'connecting' || input.phase === 'reconnecting') return { kind: input.phase };
  if (!input.interpretation) return { kind: 'off' };
  // Who speaks is told first: only they can do something about it.
  if (input.interpreterAwayMs === null && input.notices.some((it) => it.kind === 'behind' && it.speaker === input.me)) {
    return { kind: 'still_listening' };
  }
  if (input.interpreterAwayMs === null && isRefused(input.me, input)) {
    return { kind: 'original_only', of: [input.me, ...input.speakers.filter((speaker) => isRefused(speaker, input))] };
  }
  if (input.speakers.length === 0) return null;
  if (input.interpreterAwayMs !== null) return input.interpreterAwayMs > AWAY_AFTER_MS ? { kind: 'away' } : null;
  const missing = whatIsMissing(input);
  if (missing && missing.kind !== 'simpler_translation') return missing;
  const late = input.voiceSkipped || (input.lagMs ?? 0) > CATCHING_UP_MS;
  if (late && input.listens !== ORIGINAL) return { kind: 'catching_up' };
  if (missing) return missing;
  if (input.lagMs === null) return null;
  return { kind: 'interpreting', lagS: input.lagMs / 1_000 };
}

/** The machine carries no further speaker: what this one says is not interpreted for anybody. */
function isRefused(speaker: string, { notices }: QuietLineInput): boolean {
  return notices.some((it) => it.speaker === speaker && it.language === null && it.level >= 5 && it.reason === 'capacity');
}

/** One speaker may be left out while the others are interpreted as ever: the line must not say more than is missing. */
function whatIsMissing({ speakers, notices, reads, listens }: QuietLineInput): QuietLine | null {
  const mine = [reads, listens === ORIGINAL ? null : listens];
  const missingOf = (speaker: string): Missing | null => {
    const theirs = notices.filter(
      (notice) => notice.speaker === speaker && (notice.language === null || mine.includes(notice.language)),
    );
    const level = Math.max(0, ...theirs.map((notice) => notice.level));
    if (level >= 5) return 'original_only';
    if (level === 4) return 'untranslated';
    if (level === 3 && listens !== ORIGINAL) return 'voice_paused';
    return theirs.some((notice) => notice.reason === 'fallback_translation') ? 'simpler_translation' : null;
  };
  for (const kind of ['original_only', 'untranslated', 'voice_paused', 'simpler_translation'] as const) {
    const of = speakers.filter((speaker) => missingOf(speaker) === kind);
    if (of.length > 0) return { kind, of: of.length === speakers.length ? null : of };
  }
  return null;
}
