/**
 * The captions of a call for the page: takes text streams, keeps the store and the stage, and tells who watches.
 *
 * A thin shell over `captionStore.ts` and `captionStage.ts`. The page is told at most five times a second.
 */
import type { Caption } from './caption';
import { CaptionStage, type Cue } from './captionStage';
import { CaptionStore, type TranscriptLine } from './captionStore';
import type { LanguageCode } from './languages';
import { Listeners } from './listeners';

const MIN_INTERVAL_MS = 200;
const LAGS_KEPT = 5;
const ANNOUNCED_KEPT = 5;
const LAG_COUNTS_MS = 15_000;

/** A final that screen readers are told of, once. */
export interface Announced {
  /** Grows; two finals never share one, whatever their words. */
  number: number;
  line: TranscriptLine;
}

export interface CaptionSnapshot {
  cues: readonly Cue[];
  lines: readonly TranscriptLine[];
  /** Original words by segment, of the cues on screen. */
  originals: ReadonlyMap<string, string>;
  /** The last finals, for screen readers, each in the order in which it came. */
  announced: readonly Announced[];
  /** Median of the last captions' lag; null when nobody has spoken for a while. */
  lagMs: number | null;
}

export interface CaptionFeedOptions {
  reads: LanguageCode | null;
  /** Milliseconds of a clock that only grows. */
  now: () => number;
  /** Called when captions may have been missed: fetch what came after `seq` and give it to `addHistory`. */
  onMissed: (afterSeq: number) => void;
  /** Called with every final of this reader's language. */
  onFinal: (caption: Caption) => void;
}

export class CaptionFeed {
  private readonly store: CaptionStore;
  private readonly stage = new CaptionStage(56);
  private readonly listeners = new Listeners();
  private readonly timer: ReturnType<typeof setInterval>;
  private lags: { atMs: number; lagMs: number }[] = [];
  private announced: readonly Announced[] = [];
  private announcements = 0;
  /** What has no larger number was said before this page came; null until it is known. */
  private saidBefore: number | null = null;
  private toldAtMs = -Infinity;
  private order = 0;
  private readonly newest = new Map<string, number>();
  private snapshot: CaptionSnapshot = { cues: [], lines: [], originals: new Map(), announced: [], lagMs: null };

  constructor(private readonly options: CaptionFeedOptions) {
    this.store = new CaptionStore(options.reads);
    this.timer = setInterval(() => this.refresh(), MIN_INTERVAL_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);

  readonly getSnapshot = (): CaptionSnapshot => this.snapshot;

  get lastSeq(): number {
    return this.store.lastSeq;
  }

  /** Call when a stream begins: it may be read to its end after one that began later. */
  nextOrder(): number {
    this.order += 1;
    return this.order;
  }

  receive(caption: Caption, order: number): void {
    const nowMs = this.options.now();
    this.startEpoch(caption.epoch);
    const key = `${caption.segment}.${caption.language}`;
    if (!caption.final && order < (this.newest.get(key) ?? 0)) return;
    this.newest.delete(key);
    this.newest.set(key, order);
    for (const oldest of this.newest.keys()) {
      if (this.newest.size <= 100) break;
      this.newest.delete(oldest);
    }
    const mine = this.store.receive(caption, nowMs);
    if (mine) {
      this.stage.update(mine, nowMs);
      if (mine.lagMs !== null) this.lags = [...this.lags, { atMs: nowMs, lagMs: mine.lagMs }].slice(-LAGS_KEPT);
      if (mine.final) {
        this.saidBefore ??= mine.seq - 1;
        this.announce(this.store.lines.filter((line) => line.segment === mine.segment));
        this.options.onFinal(mine);
        if (mine.missedSeq !== null) this.options.onMissed(mine.missedSeq - 1);
      }
    }
    if (nowMs - this.toldAtMs >= MIN_INTERVAL_MS) this.refresh();
  }

  addHistory(captions: readonly Caption[]): void {
    const before = new Map(this.store.lines.map(({ segment, text }) => [segment, text]));
    for (const caption of this.store.addHistory(captions)) this.stage.update(caption, this.options.now());
    const { saidBefore } = this;
    if (saidBefore === null) this.saidBefore = this.store.lastSeq;
    else this.announce(this.store.lines.filter(({ segment, text, seq }) => seq > saidBefore && before.get(segment) !== text));
    this.refresh();
  }

  /** The interpreter of this epoch is in charge now. Finals of the one before may have been cut off with it. */
  startEpoch(epoch: number): void {
    const before = this.store.currentEpoch;
    const unfinished = this.store.startEpoch(epoch, this.options.now());
    this.stage.drop(unfinished.map((caption) => caption.segment));
    // The first one seen took over from nobody; joining fetches everything anyway.
    if (before > 0 && epoch > before) this.options.onMissed(this.store.lastSeq);
  }

  setReads(reads: LanguageCode | null): void {
    this.stage.drop(this.store.setReads(reads).map((caption) => caption.segment));
    this.refresh();
  }

  setColumns(columns: number): void {
    this.stage.setColumns(columns);
    this.refresh();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private announce(lines: readonly TranscriptLine[]): void {
    const added = lines.map((line) => {
      this.announcements += 1;
      return { number: this.announcements, line };
    });
    if (added.length > 0) this.announced = [...this.announced, ...added].slice(-ANNOUNCED_KEPT);
  }

  private refresh(): void {
    const nowMs = this.options.now();
    const cues = this.stage.tick(nowMs);
    const originals = new Map<string, string>();
    for (const cue of cues) {
      const original = this.store.originalOf(cue.segment);
      if (original) originals.set(cue.segment, original);
    }
    const next = { cues, lines: this.store.lines, originals, announced: this.announced, lagMs: this.lagMs(nowMs) };
    if (sameSnapshot(this.snapshot, next)) return;
    this.snapshot = next;
    this.toldAtMs = nowMs;
    this.listeners.tell();
  }

  private lagMs(nowMs: number): number | null {
    const recent = this.lags.filter((lag) => nowMs - lag.atMs < LAG_COUNTS_MS).map((lag) => lag.lagMs);
    return recent.sort((a, b) => a - b)[Math.floor(recent.length / 2)] ?? null;
  }
}

function sameSnapshot(a: CaptionSnapshot, b: CaptionSnapshot): boolean {
  return (
    a.lines === b.lines &&
    a.announced === b.announced &&
    a.lagMs === b.lagMs &&
    JSON.stringify([a.cues, [...a.originals]]) === JSON.stringify([b.cues, [...b.originals]])
  );
}
