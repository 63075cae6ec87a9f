/** Which final's dubbed voice was left out, so that its listeners read it. From the interpreter's data messages. */

export const UNVOICED_TOPIC = 'dragoman.unvoiced';
const MAX_BYTES = 2_000;

/** Read one message: the segment's id, or null for anything else. */
export function parseUnvoiced(payload: Uint8Array): string | null {
  if (payload.byteLength > MAX_BYTES) return null;
  try {
    const message: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof message !== 'object' || message === null || !('segment' in message)) return null;
    return typeof message.segment === 'string' ? message.segment : null;
  } catch {
    return null;
  }
}
