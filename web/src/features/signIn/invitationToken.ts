/** The token of an invitation's link. It stands behind the #, which no server and no log sees; this tab keeps it. */
const KEY = 'dragoman.invitation';

/** The token of this tab's invitation, or null. */
export function readInvitation(location: Pick<Location, 'hash'>, storage: Storage): string | null {
  const token = /^#([A-Za-z0-9_~.-]{8,200})$/.exec(location.hash)?.[1] ?? null;
  try {
    if (token === null) return storage.getItem(KEY);
    storage.setItem(KEY, token);
  } catch {
    // Then it is known as long as it stands in the address.
  }
  return token;
}

export function forgetInvitation(storage: Storage): void {
  storage.removeItem(KEY);
}
