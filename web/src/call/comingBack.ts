/**
 * Gets a page into its call, and back into it: with the ticket it has, else with a new one, until that works, is
 * refused for good, or has taken too long. `rejoining.ts` decides; `liveKitCall.ts` connects.
 */
import type { EndReason } from './callState';
import { endOfRefusal, waitBefore } from './rejoining';

/** What opens LiveKit's room. */
export interface CallTicket {
  identity: string;
  token: string;
  serverPath: string;
}

export interface ComingBackOptions {
  /** Raises if the ticket does not open the room, or nobody answers. */
  connect: (ticket: CallTicket) => Promise<void>;
  disconnect: () => Promise<void>;
  /** Ask to be let in again; raises an error with a `code` if that is refused. */
  renew: () => Promise<CallTicket>;
  onConnected: () => void;
  /** Trying again, by itself. */
  onTrying: () => void;
  onEnd: (end: EndReason) => void;
  /** Somebody left, or it ended, perhaps while a step was on its way. */
  isOver: () => boolean;
  now: () => number;
  wait: (ms: number) => Promise<void>;
}

/** A try is over within this time: a step that took longer was slept through by the computer, and does not count. */
const LONGEST_STEP_MS = 30_000;

export class ComingBack {
  private trying = false;

  constructor(private readonly options: ComingBackOptions) {}

  /** Connect with `ticket`; without one, or if it opens nothing any more, ask for another. One try runs at a time. */
  async run(ticket: CallTicket | null): Promise<void> {
    if (this.trying) return;
    this.trying = true;
    try {
      if (!(ticket && (await this.opens(ticket)))) await this.tryAgain();
    } finally {
      this.trying = false;
    }
  }

  private async tryAgain(): Promise<void> {
    const { onTrying, onEnd, isOver, now, wait } = this.options;
    if (isOver()) return;
    onTrying();
    let triedForMs = 0;
    for (let attempt = 0; !isOver(); attempt += 1) {
      const waitMs = waitBefore(attempt, triedForMs);
      if (waitMs === null) {
        onEnd('lost');
        return;
      }
      const beganAtMs = now();
      await wait(waitMs);
      if (isOver() || (await this.opensAnother())) return;
      const tookMs = now() - beganAtMs;
      triedForMs += tookMs > LONGEST_STEP_MS ? waitMs : tookMs;
    }
  }

  /** Ask for a ticket and use it; true if there is nothing left to try. */
  private async opensAnother(): Promise<boolean> {
    let ticket: CallTicket;
    try {
      ticket = await this.options.renew();
    } catch (error) {
      const end = endOfRefusal(error instanceof Error && 'code' in error ? String(error.code) : '');
      if (end) this.options.onEnd(end);
      return end !== null;
    }
    return this.options.isOver() || this.opens(ticket);
  }

  private async opens(ticket: CallTicket): Promise<boolean> {
    try {
      await this.options.connect(ticket);
    } catch {
      return false;
    }
    if (this.options.isOver()) await this.options.disconnect();
    else this.options.onConnected();
    return true;
  }
}
