/**
 * Where a caption's lines break. Greedy, so that more words at the end never move a word that stands already.
 *
 * To `captionStage.ts`. Columns count as in a terminal: wide characters of East Asia take two, combining marks none.
 */
import { hasSpaces, type LanguageCode } from './languages';

/** Offsets into the text: `[start, end)`, without the space at the break. */
export interface Line {
  start: number;
  end: number;
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const MARK = /\p{M}/u;
/** Closing punctuation never begins a line. */
const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}、。，．！？：；]+$/u;

export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/** Break `text` into lines of at most `maxColumns` columns. */
export function breakLines(text: string, maxColumns: number, language: LanguageCode): Line[] {
  const lines: Line[] = [];
  let start = -1;
  let end = 0;
  let columns = 0;
  for (const piece of piecesOf(text, language, maxColumns)) {
    const gap = start < 0 ? 0 : columnsOf(text.slice(end, piece.start));
    const width = columnsOf(text.slice(piece.start, piece.end));
    if (start >= 0 && columns + gap + width > maxColumns) {
      lines.push({ start, end });
      start = -1;
    }
    if (start < 0) {
      start = piece.start;
      columns = width;
    } else {
      columns += gap + width;
    }
    end = piece.end;
  }
  if (start >= 0) lines.push({ start, end });
  return lines;
}

/** Give the pieces between which a line may break: words with their punctuation, too long ones in parts. */
function piecesOf(text: string, language: LanguageCode, maxColumns: number): Line[] {
  const pieces: Line[] = [];
  for (const word of text.matchAll(/\S+/gu)) {
    for (const part of partsOf(word[0], language, maxColumns)) {
      pieces.push({ start: word.index + part.start, end: word.index + part.end });
    }
  }
  return pieces;
}

function partsOf(word: string, language: LanguageCode, maxColumns: number): Line[] {
  const spaceless = !hasSpaces(language) || WIDE.test(word);
  if (!spaceless && columnsOf(word) <= maxColumns) return [{ start: 0, end: word.length }];
  const parts: Line[] = [];
  for (const { segment, index } of new Intl.Segmenter(language, { granularity: 'word' }).segment(word)) {
    const last = parts.at(-1);
    if (last && CLOSING.test(segment)) {
      last.end = index + segment.length;
      continue;
    }
    for (const part of cut(segment, maxColumns)) parts.push({ start: index + part.start, end: index + part.end });
  }
  return parts;
}

/** Cut a word that is longer than a line between characters. */
function cut(word: string, maxColumns: number): Line[] {
  if (columnsOf(word) <= maxColumns) return [{ start: 0, end: word.length }];
  const parts: Line[] = [];
  let start = 0;
  let columns = 0;
  for (const { segment, index } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)) {
    const width = columnsOf(segment);
    if (columns + width > maxColumns && index > start) {
      parts.push({ start, end: index });
      start = index;
      columns = 0;
    }
    columns += width;
  }
  parts.push({ start, end: word.length });
  return parts;
}
