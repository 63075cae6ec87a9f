/** Write the captions of a call as a file, in the browser: nothing is stored anywhere else. From `captionStore.ts`. */
import { wordsOf, type TranscriptLine } from './captionStore';
import { READING_CHARS_PER_S } from './captionStage';

export interface ExportOptions {
  nameOf: (identity: string) => string;
  /** Clock of `receivedAtMs` when the call began for this page. */
  beganAtMs: number;
  /** Stands where words were lost: `(some words were lost)`. */
  lostWords: string;
}

/** As WebVTT (W3C), one cue a final, with the speaker in a voice tag. */
export function writeVtt(lines: readonly TranscriptLine[], options: ExportOptions): string {
  const cues = timesOf(lines, options.beganAtMs).map(
    ({ line, startS, endS }) =>
      `${stamp(startS)} --> ${stamp(endS)}\n<v ${escapeVtt(options.nameOf(line.speaker)).replace(/\n/g, ' ')}>${escapeVtt(wordsOf(line, options.lostWords))}`,
  );
  return ['WEBVTT', ...cues].join('\n\n') + '\n';
}

/** As plain text, one line a final; the original in brackets where it is known. */
export function writeTxt(lines: readonly TranscriptLine[], options: ExportOptions): string {
  return timesOf(lines, options.beganAtMs)
    .map(({ line, startS }) => {
      const original = line.original && line.original !== line.text ? ` (${line.original})` : '';
      return `[${stamp(startS).slice(0, 8)}] ${options.nameOf(line.speaker)}: ${wordsOf(line, options.lostWords)}${original}\n`;
    })
    .join('');
}

interface TimedLine {
  line: TranscriptLine;
  startS: number;
  endS: number;
}

/** The times of the speech where the server told them, else of arrival; never backwards, as WebVTT wants it. */
function timesOf(lines: readonly TranscriptLine[], beganAtMs: number): TimedLine[] {
  let previousS = 0;
  return lines.map((line) => {
    const readingS = Math.max(1.5, line.text.length / READING_CHARS_PER_S);
    const arrivedS = line.receivedAtMs === null ? previousS : Math.max(0, (line.receivedAtMs - beganAtMs) / 1_000);
    const startS = Math.max(previousS, line.startS ?? arrivedS);
    previousS = startS;
    return { line, startS, endS: Math.max(line.endS ?? 0, startS + readingS) };
  });
}

function stamp(seconds: number): string {
  const ms = Math.round(seconds * 1_000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${String(ms % 1_000).padStart(3, '0')}`;
}

function escapeVtt(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\n{2,}/g, '\n');
}
