/** Decides what the one line at the top of a call says, if anything. Plain; `features/call` has the words. */
import type { CallPhase } from './callState';
import { ORIGINAL, type LanguageCode } from './languages';
import type { Notice } from './notices';

/** What the ladder took away, the lowest step first. */
export type Missing = 'original_only' | 'untranslated' | 'voice_paused' | 'simpler_translation';

export type QuietLine =
  | { kind: 'connecting' | 'reconnecting' | 'off' | 'away' | 'catching_up' | 'still_listening' }
  /** Of these speakers alone, whose page it is first; null if it is so for all the others. */
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
  /** Languages in which others chose to get what is said on this page. */
  audience: readonly LanguageCode[];
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
  if (input.interpreterAwayMs !== null) {
    const concerned = input.speakers.length > 0 || input.audience.length > 0;
    return concerned && input.interpreterAwayMs > AWAY_AFTER_MS ? { kind: 'away' } : null;
  }
  const missing = whatIsMissing(input);
  if (missing && missing.kind !== 'simpler_translation') return missing;
  if (input.speakers.length === 0) return null;
  const late = input.voiceSkipped || (input.lagMs ?? 0) > CATCHING_UP_MS;
  if (late && input.listens !== ORIGINAL) return { kind: 'catching_up' };
  if (missing) return missing;
  if (input.lagMs === null) return null;
  return { kind: 'interpreting', lagS: input.lagMs / 1_000 };
}

/** What is missing of the own words for those who read or hear them in another language. */
function whatOthersMiss({ me, notices, audience }: QuietLineInput): Missing | null {
  const about = notices.filter(({ speaker }) => speaker === me);
  // The machine carries no further speaker: that concerns whoever comes, too.
  if (about.some((it) => it.language === null && it.level >= 5 && it.reason === 'capacity')) return 'original_only';
  if (audience.length === 0) return null;
  const level = Math.max(0, ...about.filter((it) => it.language === null || audience.includes(it.language)).map((it) => it.level));
  if (level >= 5) return 'original_only';
  return level === 4 ? 'untranslated' : null;
}

/** One speaker may be left out while the others are interpreted as ever: the line must not say more than is missing. */
function whatIsMissing(input: QuietLineInput): QuietLine | null {
  const { me, speakers, notices, reads, listens } = input;
  const ofMine = whatOthersMiss(input);
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
    const theirs = speakers.filter((speaker) => missingOf(speaker) === kind);
    if (theirs.length > 0 && theirs.length === speakers.length) return { kind, of: null };
    const of = ofMine === kind ? [me, ...theirs] : theirs;
    if (of.length > 0) return { kind, of };
  }
  return null;
}
