/**
 * Fetches by HTTP what the text streams did not bring: finals from before joining or of a lost connection, and the
 * speaker's own words where they did not come with the translation. From `liveKitCall.ts`; into `captionFeed.ts`.
 */
import type { Caption } from './caption';
import type { LanguageCode } from './languages';

/** Fetch the finals of a language after a number, all there are. */
export type FetchCaptions = (language: LanguageCode, afterSeq: number) => Promise<Caption[]>;

const ORIGINALS_AFTER_MS = 400;
/** How far back originals are asked for at first: those of what is still on screen. */
const ORIGINALS_BACK = 20;

export class MissedCaptions {
  private readonly originalsKnown = new Map<LanguageCode, number>();
  private readonly originalsWanted = new Map<LanguageCode, number>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly fetchCaptions: FetchCaptions,
    private readonly take: (captions: readonly Caption[]) => void,
  ) {}

  /** Fetch and hand over; gives the number to go on from. A failure leaves a hole that the next request fills. */
  async fetch(language: LanguageCode, afterSeq: number): Promise<number> {
    try {
      const captions = await this.fetchCaptions(language, afterSeq);
      this.take(captions);
      return captions.at(-1)?.seq ?? afterSeq;
    } catch {
      return afterSeq;
    }
  }

  /** The words behind this final are wanted. Requests are gathered, one for each language spoken. */
  wantOriginalOf(caption: Caption): void {
    if (caption.sourceLanguage === caption.language || caption.original !== null || caption.gap) return;
    this.originalsWanted.set(caption.sourceLanguage, caption.seq);
    this.timer ??= setTimeout(() => this.fetchOriginals(), ORIGINALS_AFTER_MS);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
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
