/** Lists that come in parts. */
export interface Part<Item> {
  items: Item[];
  /** Where the next part begins; null at the end. */
  next: string | null;
}

/** A part may have as many as this. */
const MOST_ITEMS = 200;

/** Fetch a list to its end, in as few parts as there can be. */
export async function wholeList<Item>(load: (cursor: string | null, limit: number) => Promise<Part<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | null = null;
  do {
    const part: Part<Item> = await load(cursor, MOST_ITEMS);
    all.push(...part.items);
    cursor = part.next;
  } while (cursor !== null);
  return all;
}

/** The address of one part of a list. */
export function partPath(path: string, cursor: string | null, query: Record<string, string> = {}): string {
  const asked = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) }).toString();
  return asked ? `${path}?${asked}` : path;
}
