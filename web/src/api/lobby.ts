/** Waiting before a room with a lobby, and letting people in. To `client.ts`. */
import type { Ticket } from './types';

/** A place in the line before a room. */
export interface Waiting {
  ticket: string;
  /** From 1; null where it is not known. */
  position: number | null;
}

export type LobbyAnswer =
  | { state: 'waiting'; position: number | null }
  | { state: 'admitted'; joined: Ticket }
  | { state: 'refused' | 'left' };

/** Somebody who waits, as the host sees it. */
export interface Waiter {
  ticket: string;
  name: string;
  waitingS: number;
}

export interface LobbyApi {
  lobbyAnswer(room: string, ticket: string): Promise<LobbyAnswer>;
  leaveLobby(room: string, ticket: string): Promise<void>;
  /** `secret` is the host's. */
  waiters(room: string, secret: string): Promise<Waiter[]>;
  answerWaiter(room: string, secret: string, ticket: string, admit: boolean): Promise<void>;
}

export function isWaiting(answer: Ticket | Waiting): answer is Waiting {
  return 'ticket' in answer;
}
