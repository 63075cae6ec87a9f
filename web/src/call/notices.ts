/** What the interpreter tells of itself in its attribute `dragoman.notices`. To `quietLine.ts`. */
import type { LanguageCode } from './languages';

/** One speaker's interpretation stands lower on the ladder than it should. */
export interface Notice {
  speaker: string;
  /** The target language concerned; null for all. */
  language: LanguageCode | null;
  /** 1 to 5, see `interpreting/ladder.py`. */
  level: number;
  reason: string;
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
  const { speaker, language, level, reason } = value as Record<string, unknown>;
  if (typeof speaker !== 'string' || typeof level !== 'number') return [];
  return [
    {
      speaker,
      language: typeof language === 'string' ? language : null,
      level,
      reason: typeof reason === 'string' ? reason : '',
    },
  ];
}
