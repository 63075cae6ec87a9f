/** Read what people paste as a link: a whole address, its end, or the room's id alone. */
import { roomOfPath } from '../../routes';

/** The room's id, or null if there is none in it. */
export function roomOfLink(text: string): string | null {
  const trimmed = text.trim();
  if (/^[A-Za-z0-9_-]{24}$/.test(trimmed)) return trimmed;
  try {
    return roomOfPath(new URL(trimmed, 'https://any.invalid').pathname);
  } catch {
    return null;
  }
}
