/** Lists that come in parts. */
export interface Part<Item> {
  items: Item[];
  /** Where the next part begins; null at the end. */
  next: string | null;
}

/** The address of one part of a list. */
export function partPath(path: string, cursor: string | null, query: Record<string, string> = {}): string {
  const asked = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) }).toString();
  return asked ? `${path}?${asked}` : path;
}
