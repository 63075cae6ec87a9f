/**
 * What proves who this page is in its call. Coming back may make somebody new of it, under another identity: whoever
 * speaks to the API takes the ticket from here. From `hooks/useRoomVisit.ts`; to the call and its hooks.
 */
import type { Ticket } from '../../api/types';
import { Listeners } from '../../call/listeners';

export class OwnTicket {
  private readonly listeners = new Listeners();
  private held: Ticket;

  /** `first` is what the call was joined with. */
  constructor(readonly first: Ticket) {
    this.held = first;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);

  readonly get = (): Ticket => this.held;

  replace(ticket: Ticket): void {
    this.held = ticket;
    this.listeners.tell();
  }
}
