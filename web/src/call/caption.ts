/** One caption as it arrives on LiveKit's text stream, and whose captions are believed. To `captionStore.ts`. */
import type { LanguageCode } from './languages';

export const CAPTION_TOPIC = 'lk.transcription';

/** One segment in one language, provisional or final. */
export interface Caption {
  /** Id of the segment, the same in every language and from the first partial to the final. */
  segment: string;
  /** Identity of the participant who speaks. */
  speaker: string;
  language: LanguageCode;
  sourceLanguage: LanguageCode;
  text: string;
  final: boolean;
  /** Of finals: grows through the room. 0 for partials. */
  seq: number;
  /** Which interpreter of the room wrote it; the highest counts. */
  epoch: number;
  /** How many characters at the front will not change any more. */
  committedChars: number;
  /** Milliseconds from the end of the last word to publication; null if not told. */
  lagMs: number | null;
  /** The text is the speaker's own words, because no translation could be had. */
  untranslated: boolean;
  /** The speaker's own words, where the sender added them. */
  original: string | null;
  /** Words were lost here; without any text, all of them. */
  gap: boolean;
  /** Number of the oldest final before this one that could not be sent; null if none is missing. */
  missedSeq: number | null;
  /** Room seconds, where the sender told them. */
  startS: number | null;
  endS: number | null;
}

/** Longest text of one segment that is taken: an utterance is cut long before. */
const MAX_TEXT_CHARS = 5_000;

/** Say whether captions and dubs from this participant are the interpretation: the server alone gives out the kind. */
export function isInterpreter(participant: { identity: string; isAgent: boolean }): boolean {
  return participant.isAgent && /^interpreter(-\d+)?$/.test(participant.identity);
}

/** Read a text stream of the interpreter; null if it is no caption of ours. */
export function parseCaption(text: string, attributes: Readonly<Record<string, string>>): Caption | null {
  const language = attributes['dragoman.language'] ?? '';
  const speaker = attributes['dragoman.speaker'] ?? '';
  const segmentInLanguage = attributes['lk.segment_id'] ?? '';
  if (!language || !speaker || !segmentInLanguage || text.length > MAX_TEXT_CHARS) return null;
  const suffix = `.${language}`;
  return {
    segment: segmentInLanguage.endsWith(suffix) ? segmentInLanguage.slice(0, -suffix.length) : segmentInLanguage,
    speaker,
    language,
    sourceLanguage: attributes['dragoman.source_language'] ?? language,
    text,
    final: attributes['lk.transcription_final'] === 'true',
    seq: numberOf(attributes['dragoman.seq']) ?? 0,
    epoch: numberOf(attributes['dragoman.epoch']) ?? 0,
    committedChars: numberOf(attributes['dragoman.committed_chars']) ?? 0,
    lagMs: numberOf(attributes['dragoman.lag_ms']),
    untranslated: attributes['dragoman.untranslated'] === 'true',
    original: attributes['dragoman.original'] || null,
    gap: attributes['dragoman.gap'] === 'true',
    missedSeq: numberOf(attributes['dragoman.missed']),
    startS: numberOf(attributes['dragoman.start_s']),
    endS: numberOf(attributes['dragoman.end_s']),
  };
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const number = Number(text);
  return Number.isFinite(number) && number >= 0 ? number : null;
}
