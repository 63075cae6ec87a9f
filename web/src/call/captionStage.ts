/**
 * Decides which captions stand on screen. From `captionStore.ts`; `features/captions` shows it. Plain: no clock of its own.
 *
 * A segment is cut into cues of two lines. At most two cues stand at a time, the older above. A cue whose words are
 * complete stays as long as it takes to read, whatever comes after it; what comes meanwhile waits its turn.
 */
import type { Caption } from './caption';
import type { LanguageCode } from './languages';
import { breakLines } from './lineBreaks';

export const MAX_CUES = 2;
const LINES_IN_CUE = 2;
export const MIN_SHOWN_MS = 1_500;
export const READING_CHARS_PER_S = 17;
/** How long a read cue lingers when nothing follows. */
const LINGER_MS = 4_000;
/** A partial that has not changed for this long gets no final any more. */
const ABANDONED_MS = 12_000;
/** Cues that may wait; beyond, the oldest are in the history only. */
const MAX_WAITING = 12;

export interface CueLine {
  /** Words that will not change. */
  committed: string;
  provisional: string;
}

export interface Cue {
  key: string;
  segment: string;
  speaker: string;
  language: LanguageCode;
  sourceLanguage: LanguageCode;
  lines: CueLine[];
  /** First cue of its segment: the speaker's name belongs before it. */
  first: boolean;
  /** Last cue of its segment: the original belongs under it. */
  last: boolean;
  final: boolean;
  untranslated: boolean;
  /** Words are missing behind these, or these are all missing. */
  gap: boolean;
}

interface Staged {
  caption: Caption;
  lines: CueLine[];
  updatedAtMs: number;
  /** When the final came. */
  finalAtMs: number | null;
  /** Cues of it that have been shown and have left, or were skipped. */
  gone: number;
}

interface Standing {
  segment: string;
  index: number;
  shownAtMs: number;
  completeAtMs: number | null;
}

export class CaptionStage {
  private readonly segments = new Map<string, Staged>();
  private standing: Standing[] = [];

  constructor(private columns: number) {}

  /** The window or the letters changed: everything is broken anew. */
  setColumns(columns: number): void {
    if (columns === this.columns) return;
    this.columns = columns;
    for (const staged of this.segments.values()) staged.lines = this.linesOf(staged.caption);
  }

  update(caption: Caption, atMs: number): void {
    const staged = this.segments.get(caption.segment);
    // A final never changes, but for the speaker's own words that stood in for their translation.
    if (staged && staged.finalAtMs !== null && (!staged.caption.untranslated || caption.untranslated)) return;
    const finalAtMs = caption.final ? atMs : null;
    if (staged) {
      Object.assign(staged, { caption, lines: this.linesOf(caption), updatedAtMs: atMs, finalAtMs });
    } else if (caption.text.trim() || (caption.final && caption.gap)) {
      this.segments.set(caption.segment, { caption, lines: this.linesOf(caption), updatedAtMs: atMs, finalAtMs, gone: 0 });
    }
  }

  /** Take provisional words away that will get no final. */
  drop(segments: Iterable<string>): void {
    for (const segment of segments) {
      if (this.segments.get(segment)?.finalAtMs === null) this.segments.delete(segment);
    }
    this.standing = this.standing.filter((cue) => this.segments.has(cue.segment));
  }

  clear(): void {
    this.segments.clear();
    this.standing = [];
  }

  /** Let time pass, and give what stands on screen from now on, the oldest first. */
  tick(atMs: number): Cue[] {
    this.dropAbandoned(atMs);
    this.markComplete(atMs);
    for (let waiting = this.waiting(); ; waiting = this.waiting()) {
      this.skipBeyond(waiting);
      this.leave(atMs, waiting.length > 0);
      const next = waiting.at(0);
      if (!next || this.standing.length >= MAX_CUES) break;
      this.standing.push({ ...next, shownAtMs: atMs, completeAtMs: null });
      this.markComplete(atMs);
    }
    this.forgetDone();
    return this.standing.map((cue) => this.view(cue));
  }

  private dropAbandoned(atMs: number): void {
    const abandoned = [...this.segments.values()].filter(
      (staged) => staged.finalAtMs === null && atMs - staged.updatedAtMs > ABANDONED_MS,
    );
    this.drop(abandoned.map((staged) => staged.caption.segment));
  }

  private markComplete(atMs: number): void {
    for (const cue of this.standing) {
      const staged = this.segments.get(cue.segment);
      const complete = staged !== undefined && (staged.finalAtMs !== null || cue.index + 1 < cuesOf(staged));
      cue.completeAtMs = complete ? (cue.completeAtMs ?? Math.max(atMs, cue.shownAtMs)) : null;
    }
    // A final with fewer lines than its partial had.
    this.standing = this.standing.filter((cue) => {
      const staged = this.segments.get(cue.segment);
      return staged !== undefined && cue.index < cuesOf(staged);
    });
  }

  private waiting(): { segment: string; index: number }[] {
    const waiting: { segment: string; index: number }[] = [];
    for (const [segment, staged] of this.segments) {
      const standing = this.standing.filter((cue) => cue.segment === segment).length;
      for (let index = staged.gone + standing; index < cuesOf(staged); index += 1) waiting.push({ segment, index });
    }
    return waiting;
  }

  private skipBeyond(waiting: { segment: string; index: number }[]): void {
    for (const skipped of waiting.splice(0, Math.max(0, waiting.length - MAX_WAITING))) {
      const staged = this.segments.get(skipped.segment);
      if (staged) staged.gone += 1;
    }
  }

  private leave(atMs: number, somethingWaits: boolean): void {
    if (somethingWaits && this.standing.length < MAX_CUES) return;
    // The oldest leaves first, and makes way for one; a cue that still grows is passed over.
    const complete = this.standing.filter((cue) => cue.completeAtMs !== null);
    for (const cue of somethingWaits ? complete.slice(0, 1) : complete) {
      const staged = this.segments.get(cue.segment);
      if (!staged) continue;
      const enoughMs = readingMs(textOf(staged.lines, cue.index)) + (somethingWaits ? 0 : LINGER_MS);
      if (atMs - (cue.completeAtMs ?? atMs) < enoughMs) break;
      staged.gone += 1;
      this.standing = this.standing.filter((other) => other !== cue);
    }
  }

  private forgetDone(): void {
    for (const [segment, staged] of this.segments) {
      if (staged.finalAtMs !== null && staged.gone >= cuesOf(staged)) this.segments.delete(segment);
    }
  }

  private view(cue: Standing): Cue {
    const staged = this.segments.get(cue.segment);
    if (!staged) throw new Error(`no segment ${cue.segment} on stage`);
    const { caption, lines } = staged;
    return {
      key: `${cue.segment}/${String(cue.index)}`,
      segment: cue.segment,
      speaker: caption.speaker,
      language: caption.language,
      sourceLanguage: caption.sourceLanguage,
      lines: linesOfCue(lines, cue.index),
      first: cue.index === 0,
      last: cue.index + 1 === cuesOf(staged),
      final: caption.final,
      untranslated: caption.untranslated,
      gap: caption.gap && cue.index + 1 === cuesOf(staged),
    };
  }

  private linesOf(caption: Caption): CueLine[] {
    // Lost words take a line too, or their cue would be none.
    if (caption.gap && !caption.text.trim()) return [{ committed: '', provisional: '' }];
    const committed = caption.final ? caption.text.length : caption.committedChars;
    return breakLines(caption.text, this.columns, caption.language).map(({ start, end }) => {
      const split = Math.min(Math.max(committed, start), end);
      return { committed: caption.text.slice(start, split), provisional: caption.text.slice(split, end) };
    });
  }
}

/** How long a text must stand to be read, milliseconds. */
export function readingMs(text: string): number {
  return Math.max(MIN_SHOWN_MS, (text.length / READING_CHARS_PER_S) * 1_000);
}

function cuesOf(staged: Staged): number {
  return Math.ceil(staged.lines.length / LINES_IN_CUE);
}

function linesOfCue(lines: CueLine[], index: number): CueLine[] {
  return lines.slice(index * LINES_IN_CUE, (index + 1) * LINES_IN_CUE);
}

function textOf(lines: CueLine[], index: number): string {
  return linesOfCue(lines, index)
    .map((line) => line.committed + line.provisional)
    .join(' ');
}
