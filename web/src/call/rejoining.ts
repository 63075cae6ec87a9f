/** Decides what a disconnection means: the end, with its reason, or another try. Plain; `liveKitCall.ts` tries. */
import { DisconnectReason } from 'livekit-client';

import type { EndReason } from './callState';

/** Waits before each try to come back, then the last for ever; a restarted media server is there after seconds. */
const WAITS_MS = [300, 700, 1_500, 3_000, 5_000];
/** After this long the page stops trying by itself and offers a button. */
export const GIVE_UP_AFTER_MS = 120_000;

/** Why the call is over, or null if it should be tried again. */
export function endOf(reason: DisconnectReason | undefined): EndReason | null {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'left';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'elsewhere';
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'removed';
    case DisconnectReason.ROOM_DELETED:
      return 'ended_by_host';
    default:
      return null;
  }
}

/** What the API's refusal to let somebody back in means; null if trying again may help. */
export function endOfRefusal(code: string): EndReason | null {
  switch (code) {
    case 'room_not_found':
      return 'room_gone';
    case 'room_full':
    case 'room_full_by_plan':
    case 'room_locked':
    case 'lobby_refused':
    case 'not_allowed':
      return code;
    case 'participant_not_found':
      return 'removed';
    default:
      return null;
  }
}

/** How long to wait before try number `attempt` (from 0); null to stop. */
export function waitBefore(attempt: number, sinceLossMs: number): number | null {
  if (sinceLossMs > GIVE_UP_AFTER_MS) return null;
  return WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? null;
}
