/** Holds the state of a call and tells who watches it. Written by the parts of `liveKitCall.ts`; read by the page. */
import type { CallState, EndReason, Hint } from './callState';
import { Listeners } from './listeners';

const MAX_HINTS = 4;

const NOBODY: CallState = {
  phase: 'connecting',
  end: null,
  people: [],
  interpreterPresent: false,
  notices: [],
  decided: null,
  endsAtMs: null,
  activeSpeaker: null,
  hints: [],
  unvoiced: new Set(),
  known: new Map(),
};

export class CallStore {
  private readonly listeners = new Listeners();
  private state: CallState;

  constructor(known: CallState['known'] = new Map()) {
    this.state = { ...NOBODY, known };
  }

  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);

  readonly get = (): CallState => this.state;

  get isOver(): boolean {
    return this.state.end !== null;
  }

  put(change: Partial<CallState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.tell();
  }

  /** The first reason counts. Gives back whether this was it. */
  end(reason: EndReason): boolean {
    if (this.isOver) return false;
    this.put({ phase: 'ended', end: reason });
    return true;
  }

  dismiss(hint: Hint): void {
    if (this.state.hints.includes(hint)) this.put({ hints: this.state.hints.filter((shown) => shown !== hint) });
  }

  /** The newest last; the oldest makes way. */
  addHint(hint: Hint): void {
    this.put({ hints: [...this.state.hints.filter((shown) => shown !== hint), hint].slice(-MAX_HINTS) });
  }
}
