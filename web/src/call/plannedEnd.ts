/**
 * When the plan of the room's owner ends the call. The room's metadata says so shortly before (`roomMetadata.ts`). Plain.
 */
import type { EndReason } from './callState';

/** Told once more when only so much is left. */
export const LAST_MS = 60_000;
/** LiveKit tells full seconds, and its word takes a moment: an end within this time is the planned one. */
const EARLY_MS = 3_000;

/** Turns the server's times into those of this machine, whose clock may be hours off. */
export class ServerClock {
  private aheadMs = 0;

  /** The server's clock said `saidMs` at `atMs` of ours. */
  set(saidMs: number, atMs: number): void {
    this.aheadMs = saidMs - atMs;
  }

  here(serverMs: number | null): number | null {
    return serverMs === null ? null : serverMs - this.aheadMs;
  }
}

/** A room that is deleted was ended by its host, unless its time was up. Times on one clock. */
export function endInTime(end: EndReason, endsAtMs: number | null, nowMs: number): EndReason {
  const isUp = endsAtMs !== null && nowMs >= endsAtMs - EARLY_MS;
  return isUp && (end === 'ended_by_host' || end === 'room_gone') ? 'ended_by_plan' : end;
}
