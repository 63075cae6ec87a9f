/**
 * Fetches by HTTP what the text streams did not bring: finals from before joining or of a lost connection, and the
 * speaker's own words where they did not come with the translation. From `liveKitCall.ts`; into `captionFeed.ts`.
 */
import type { Caption } from './caption';
import type { LanguageCode } from './languages';

/** Fetch the finals of a language after a number, all there are. */
export type FetchCaptions = (language: LanguageCode, afterSeq: number) => Promise<Caption[]>;

/** What a break swallowed may have smaller numbers than what came through after it. */
const OVERLAP = 20;
/**
 * Waits before each request after a break. One answer may come before everything is there: a new API hears the finals
 * from the interpreter again, an old interpreter's last ones are still on their way. So two answers are wanted.
 */
const CATCH_UP_WAITS_MS = [0, 3_000, 3_000, 6_000, 12_000];
const ANSWERS_WANTED = 2;
/**
 * So long the API leaves the speaker's own words to their translation: `SETTLED_S` of `meetings/finals.py`. What was said
 * just before this page began to read its language gets none, so one answer is wanted from later than that.
 */
export const SETTLED_MS = 5_000;
/** From the request that makes somebody a reader to the booth that translates for them. */
export const BOOTH_OPENS_MS = 1_000;
const ORIGINALS_AFTER_MS = 400;
/** How far back originals are asked for at first: those of what is still on screen. */
const ORIGINALS_BACK = 20;

export class MissedCaptions {
  private readonly originalsKnown = new Map<LanguageCode, number>();
  private readonly originalsWanted = new Map<LanguageCode, number>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** The break that is caught up with: another replaces it, and goes on from the earlier of the two. */
  private catchingUp: { from: number; timer: ReturnType<typeof setTimeout> | null } | null = null;

  constructor(
    private readonly fetchCaptions: FetchCaptions,
    private readonly take: (captions: readonly Caption[]) => void,
  ) {}

  /** Fetch and hand over; gives the number to go on from. A failure leaves a hole that the next request fills. */
  async fetch(language: LanguageCode, afterSeq: number): Promise<number> {
    return (await this.ask(language, afterSeq)) ?? afterSeq;
  }

  /** Fetch what a break after `afterSeq` may have swallowed, at once and again, and go on while nobody answers. */
  catchUp(language: LanguageCode, afterSeq: number): void {
    const from = Math.min(Math.max(0, afterSeq - OVERLAP), this.catchingUp?.from ?? Infinity);
    this.stopCatchingUp();
    const round = { from, timer: null as ReturnType<typeof setTimeout> | null };
    this.catchingUp = round;
    const step = (number: number, waitedMs: number, answers: number, hasSettled: boolean) => {
      const waitMs = CATCH_UP_WAITS_MS[number];
      if (waitMs === undefined || (answers >= ANSWERS_WANTED && hasSettled)) {
        this.catchingUp = null;
        return;
      }
      const askedAfterMs = waitedMs + waitMs;
      const isLate = askedAfterMs >= SETTLED_MS + BOOTH_OPENS_MS;
      round.timer = setTimeout(() => {
        void this.ask(language, from).then((last) => {
          if (this.catchingUp !== round) return;
          const answered = last !== null;
          step(number + 1, askedAfterMs, answers + Number(answered), hasSettled || (answered && isLate));
        });
      }, waitMs);
    };
    step(0, 0, 0, false);
  }

  /** The words behind this final are wanted. Requests are gathered, one for each language spoken. */
  wantOriginalOf(caption: Caption): void {
    if (caption.sourceLanguage === caption.language || caption.original !== null || caption.gap) return;
    this.originalsWanted.set(caption.sourceLanguage, caption.seq);
    this.timer ??= setTimeout(() => this.fetchOriginals(), ORIGINALS_AFTER_MS);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.stopCatchingUp();
  }

  private stopCatchingUp(): void {
    if (this.catchingUp?.timer) clearTimeout(this.catchingUp.timer);
    this.catchingUp = null;
  }

  /** The last number of what came; null without an answer. */
  private async ask(language: LanguageCode, afterSeq: number): Promise<number | null> {
    try {
      const captions = await this.fetchCaptions(language, afterSeq);
      this.take(captions);
      return captions.at(-1)?.seq ?? afterSeq;
    } catch {
      return null;
    }
  }

  private fetchOriginals(): void {
    this.timer = null;
    for (const [language, seq] of this.originalsWanted) {
      const known = this.originalsKnown.get(language) ?? Math.max(0, seq - ORIGINALS_BACK);
      void this.fetch(language, known).then((last) => this.originalsKnown.set(language, last));
    }
    this.originalsWanted.clear();
  }
}
