/** The addresses of the page. */

/** The room of an address such as `/r/AbC_-123`, or null. */
export function roomOfPath(path: string): string | null {
  return /^\/r\/([A-Za-z0-9_-]{4,64})\/?$/.exec(path)?.[1] ?? null;
}
