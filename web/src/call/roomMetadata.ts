/**
 * What the room's metadata says of the call as a whole: what a host decided for all, and when a plan ends it. Written by
 * the API (`rooms/room_metadata.py`), read by `roomReading.ts`. Plain.
 */

export interface RoomMetadata {
  /** A host has not switched it off. */
  interpretation: boolean;
  /** Nobody new comes in. */
  locked: boolean;
  /** Milliseconds on the server's clock; null while people are not to know of an end. */
  endsAtMs: number | null;
}

/** Read the metadata; null while the API has written none. What it does not say is as in any call. */
export function readMetadata(metadata: string | undefined): RoomMetadata | null {
  if (!metadata) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(metadata);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const said = parsed as Record<string, unknown>;
  const endsAtMs = typeof said.ends_at === 'string' ? Date.parse(said.ends_at) : NaN;
  return {
    interpretation: said.interpretation !== false,
    locked: said.locked === true,
    endsAtMs: Number.isNaN(endsAtMs) ? null : endsAtMs,
  };
}
