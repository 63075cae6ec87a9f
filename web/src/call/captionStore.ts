/**
 * What was said, as far as this reader gets it: finals in order, and the partials that are still growing.
 *
 * From `caption.ts`; `captionStage.ts` decides what of it is on screen. Plain: times come from outside.
 */
import type { Caption } from './caption';
import type { LanguageCode } from './languages';

/** One line of the history. */
export interface TranscriptLine {
  segment: string;
  speaker: string;
  language: LanguageCode;
  text: string;
  /** The speaker's own words, where they were received too. */
  original: string | null;
  sourceLanguage: LanguageCode;
  untranslated: boolean;
  seq: number;
  /** Room seconds if the server told them, else null. */
  startS: number | null;
  endS: number | null;
  /** When this page got it, milliseconds of its own clock; null for what came by HTTP. */
  receivedAtMs: number | null;
  /** Words are missing at the end, or all of them if there is no text: the interpreter was replaced meanwhile. */
  gap: boolean;
}

/** The words of a line, with `lostWords` where some are missing. */
export function wordsOf({ text, gap }: Pick<TranscriptLine, 'text' | 'gap'>, lostWords: string): string {
  return gap ? `${text} ${lostWords}`.trim() : text;
}

const MAX_LINES = 5_000;
const MAX_PARTIALS = 40;
const MAX_ORIGINALS = 200;

export class CaptionStore {
  private reads: LanguageCode | null;
  private epoch = 0;
  private readonly partials = new Map<string, Caption>();
  private readonly finals = new Map<string, TranscriptLine>();
  /** By segment: the number of the untranslated final that was there first, whose place in the history it keeps. */
  private readonly places = new Map<string, number>();
  /** Originals that came before their translation, by segment. */
  private readonly originals = new Map<string, string>();
  private sortedLines: readonly TranscriptLine[] | null = null;

  constructor(reads: LanguageCode | null) {
    this.reads = reads;
  }

  /** Of the interpreter that counts; 0 before any was seen. */
  get currentEpoch(): number {
    return this.epoch;
  }

  /** The last number seen: where a request for what was missed goes on. */
  get lastSeq(): number {
    return this.lines.reduce((last, line) => Math.max(last, line.seq), 0);
  }

  /** The reader chose another language; partials of the old one will get no final here. */
  setReads(reads: LanguageCode | null): Caption[] {
    if (reads === this.reads) return [];
    this.reads = reads;
    const dropped = [...this.partials.values()];
    this.partials.clear();
    return dropped;
  }

  /**
   * Take a caption from the interpreter. Gives it back if this reader is to see it, null if it is late, already known,
   * or belongs to another reader's language.
   */
  receive(caption: Caption, atMs: number): Caption | null {
    // A replaced interpreter that wakes up again says nothing that counts; its true finals come by HTTP.
    if (caption.epoch < this.epoch) return null;
    if (caption.language !== this.reads) {
      this.keepOriginal(caption);
      return null;
    }
    if (this.isSettled(caption)) return null;
    if (!caption.final) {
      this.partials.set(caption.segment, caption);
      trim(this.partials, MAX_PARTIALS);
      return caption;
    }
    const kept = this.withCommitted(caption);
    this.partials.delete(caption.segment);
    this.addFinal(kept, atMs);
    return kept;
  }

  /**
   * Take finals that were fetched; those already here stay as they are. Gives back those that end what was growing here,
   * or translate what stood here in the speaker's words: the screen may still show that.
   */
  addHistory(captions: readonly Caption[]): Caption[] {
    const completing: Caption[] = [];
    for (const caption of captions) {
      if (!caption.final || caption.language !== this.reads) this.keepOriginal(caption);
      else if (!this.isSettled(caption)) {
        const kept = this.withCommitted(caption);
        const grew = this.partials.delete(caption.segment);
        if (grew || this.finals.has(caption.segment)) completing.push(kept);
        this.addFinal(kept, null);
      }
    }
    return completing;
  }

  /**
   * Another interpreter has taken over: what the old one left unfinished will get no final.
   * Gives those partials back; what they had committed stays in the history, marked as cut off.
   */
  startEpoch(epoch: number, atMs: number): Caption[] {
    if (epoch <= this.epoch) return [];
    this.epoch = epoch;
    const unfinished = [...this.partials.values()].filter((partial) => partial.epoch < epoch);
    for (const partial of unfinished) {
      this.partials.delete(partial.segment);
      const committed = committedOf(partial);
      if (committed) this.addFinal({ ...partial, text: committed, seq: this.lastSeq, gap: true }, atMs);
    }
    return unfinished;
  }

  /** All finals, oldest first. The same array until something changes. */
  get lines(): readonly TranscriptLine[] {
    this.sortedLines ??= [...this.finals.values()].sort(
      (a, b) => this.placeOf(a) - this.placeOf(b) || Number(b.gap) - Number(a.gap),
    );
    return this.sortedLines;
  }

  originalOf(segment: string): string | null {
    return this.finals.get(segment)?.original ?? this.originals.get(segment) ?? null;
  }

  /** A final stands, but for one with a gap, and one in the speaker's words until its translation comes. */
  private isSettled(caption: Caption): boolean {
    const known = this.finals.get(caption.segment);
    return known !== undefined && !known.gap && !(known.untranslated && caption.final && !caption.untranslated);
  }

  /** That words were lost takes none away that were committed before. */
  private withCommitted(caption: Caption): Caption {
    if (!caption.gap || caption.text.trim()) return caption;
    return { ...caption, text: this.finals.get(caption.segment)?.text ?? committedOf(this.partials.get(caption.segment)) };
  }

  private placeOf(line: TranscriptLine): number {
    return this.places.get(line.segment) ?? line.seq;
  }

  private addFinal(caption: Caption, receivedAtMs: number | null): void {
    if (!caption.text.trim() && !caption.gap) return;
    const known = this.finals.get(caption.segment);
    if (known?.untranslated) this.places.set(caption.segment, this.placeOf(known));
    this.finals.set(caption.segment, {
      segment: caption.segment,
      speaker: caption.speaker,
      language: caption.language,
      text: caption.text,
      original: caption.original ?? this.originals.get(caption.segment) ?? null,
      sourceLanguage: caption.sourceLanguage,
      untranslated: caption.untranslated,
      seq: caption.seq,
      startS: caption.startS,
      endS: caption.endS,
      receivedAtMs: this.finals.get(caption.segment)?.receivedAtMs ?? receivedAtMs,
      gap: caption.gap,
    });
    this.originals.delete(caption.segment);
    if (this.finals.size > MAX_LINES) {
      const oldest = this.lines[0];
      if (oldest) {
        this.finals.delete(oldest.segment);
        this.places.delete(oldest.segment);
      }
    }
    this.sortedLines = null;
  }

  private keepOriginal(caption: Caption): void {
    if (caption.language !== caption.sourceLanguage) return;
    const line = this.finals.get(caption.segment);
    if (line) {
      // What came with the translation belongs to it; a segment may be only a part of the speaker's sentence.
      if (line.original !== null) return;
      this.finals.set(caption.segment, { ...line, original: caption.text });
      this.sortedLines = null;
      return;
    }
    this.originals.set(caption.segment, caption.text);
    trim(this.originals, MAX_ORIGINALS);
  }
}

function committedOf(partial: Caption | undefined): string {
  return partial?.text.slice(0, partial.committedChars).trim() ?? '';
}

/** Forget the oldest entries of `map` beyond `most`. */
function trim(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
