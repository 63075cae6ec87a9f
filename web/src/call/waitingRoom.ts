/** Waits before a room until a host decides: asks every few seconds, whatever the network does. To `useRoomVisit.ts`. */
import type { LobbyApi, Waiting } from '../api/lobby';
import { ApiError, codeOf, type Ticket } from '../api/types';

const ASK_EVERY_MS = 2_000;

/** How it stands. */
export interface Wait {
  /** From 1; null where it is not known. */
  position: number | null;
  /** The server answered the last question. */
  answered: boolean;
}

interface WaitOptions {
  onWait: (wait: Wait) => void;
  /** Aborted when somebody waits no longer. */
  signal: AbortSignal;
  pause?: (ms: number) => Promise<void>;
}

/** Gives the ticket of who was let in. Raises `ApiError` `lobby_refused`, `lobby_left`, and what joining is refused with. */
export async function waitToBeLetIn(
  api: LobbyApi,
  room: string,
  { ticket, position }: Waiting,
  { onWait, signal, pause = sleep }: WaitOptions,
): Promise<Ticket> {
  let wait: Wait = { position, answered: true };
  onWait(wait);
  for (;;) {
    await pause(ASK_EVERY_MS);
    if (signal.aborted) throw new ApiError('lobby_left', 'left the waiting room');
    try {
      const answer = await api.lobbyAnswer(room, ticket);
      if (answer.state === 'admitted') return answer.joined;
      if (answer.state !== 'waiting') throw new ApiError(`lobby_${answer.state}`, answer.state);
      wait = { position: answer.position, answered: true };
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ticket_not_found') throw new ApiError('lobby_left', 'the ticket is not known any more');
      if (code !== 'unreachable' && code !== 'too_many_requests') throw error;
      wait = { ...wait, answered: false };
    }
    onWait(wait);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
