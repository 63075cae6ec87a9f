/** How many tiles of 16:9 stand side by side so that they are as large as possible. Plain arithmetic. */

export interface Grid {
  columns: number;
  /** Of one tile, pixels. */
  width: number;
  height: number;
}

const ASPECT = 16 / 9;

export function bestGrid(tiles: number, width: number, height: number, gap: number): Grid {
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= Math.max(1, tiles); columns += 1) {
    const rows = Math.ceil(tiles / columns);
    const fits = Math.min((width - gap * (columns - 1)) / columns, ((height - gap * (rows - 1)) / rows) * ASPECT);
    if (fits > best.width) best = { columns, width: fits };
  }
  return { columns: best.columns, width: Math.floor(best.width), height: Math.floor(best.width / ASPECT) };
}

/** Cut a list into pages; there is always one. */
export function pagesOf<Item>(items: readonly Item[], perPage: number): Item[][] {
  const pages: Item[][] = [];
  for (let start = 0; start < items.length; start += perPage) pages.push(items.slice(start, start + perPage));
  return pages.length > 0 ? pages : [[]];
}
