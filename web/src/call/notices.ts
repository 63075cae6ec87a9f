/** What the interpreter tells of itself in its attribute `dragoman.notices`. To `quietLine.ts`. */
import type { LanguageCode } from './languages';

/** One speaker's interpretation stands lower on the ladder than it should, or is heard in this voice. */
export interface Notice {
  speaker: string;
  /** The target language concerned; null for all. */
  language: LanguageCode | null;
  /** `ladder`, `capacity` or `voice`. */
  kind?: string;
  /** 1 to 5, see `interpreting/ladder.py`; 0 for what a voice is. */
  level: number;
  reason: string;
  /** Of a voice: the listeners it is made for. */
  wish?: string;
}

/** Read the attribute; what is not a notice is left out. */
export function parseNotices(json: string | undefined): Notice[] {
  if (!json) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return [];
  }
  return Array.isArray(parsed) ? parsed.slice(0, 200).flatMap(readNotice) : [];
}

function readNotice(value: unknown): Notice[] {
  if (typeof value !== 'object' || value === null) return [];
  const { kind, speaker, language, level, reason, wish } = value as Record<string, unknown>;
  if (typeof speaker !== 'string' || typeof level !== 'number') return [];
  return [
    {
      ...(typeof kind === 'string' ? { kind } : {}),
      speaker,
      language: typeof language === 'string' ? language : null,
      level,
      reason: typeof reason === 'string' ? reason : '',
      ...(typeof wish === 'string' ? { wish } : {}),
    },
  ];
}
