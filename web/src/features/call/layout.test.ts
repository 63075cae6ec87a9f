import { describe, expect, test } from 'vitest';

import { bestGrid, pagesOf } from './gridLayout';

describe('tiles', () => {
  test('are as large as the place allows, and all fit', () => {
    for (const [width, height] of [
      [1_256, 467],
      [366, 500],
      [1_656, 700],
      [700, 300],
    ] as const) {
      for (let count = 1; count <= 9; count += 1) {
        const grid = bestGrid(count, width, height, 12);
        const rows = Math.ceil(count / grid.columns);
        expect(grid.columns * grid.width + (grid.columns - 1) * 12).toBeLessThanOrEqual(width);
        expect(rows * grid.height + (rows - 1) * 12).toBeLessThanOrEqual(height);
        expect(grid.width).toBeGreaterThan(60);
      }
    }
  });

  test('four stand two by two on a wide window, and one under the other on a phone', () => {
    expect(bestGrid(4, 1_256, 467, 12).columns).toBe(2);
    expect(bestGrid(3, 366, 620, 12).columns).toBe(1);
  });

  test('pages hold everybody once', () => {
    expect(pagesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(pagesOf([], 2)).toEqual([[]]);
  });
});
