import { describe, expect, test } from 'vitest';

import { personWith } from '../../testing/fakeCall';
import { audienceOf, reachOf } from './audience';
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

describe('who gets whom', () => {
  const directions = [
    { source: 'en', target: 'vi', voice: true },
    { source: 'en', target: 'fr', voice: false },
  ];
  const me = personWith({ identity: 'me', name: 'Ben', isLocal: true, speaks: 'en' });
  const reader = (reads: string | null, listens = 'original') => personWith({ identity: 'x', name: 'X', reads, listens });

  test('a speaker sees the languages that are read and heard, each once', () => {
    const others = [reader('vi', 'vi'), reader('vi', 'vi'), reader('fr', 'fr'), reader('en'), reader('ja', 'ja'), reader(null)];

    expect(audienceOf(me, others, directions)).toEqual({ reads: ['en', 'fr', 'vi'], hears: ['vi'] });
  });

  test('who did not agree is read and heard by nobody in another language', () => {
    expect(audienceOf({ ...me, consents: false }, [reader('vi', 'vi')], directions)).toEqual({ reads: [], hears: [] });
  });

  test('a listener knows why somebody is not interpreted', () => {
    expect(reachOf(me, reader('vi'), directions)).toBe('interpreted');
    expect(reachOf(me, reader('en'), directions)).toBe('same');
    expect(reachOf(me, reader('ja'), directions)).toBe('no_direction');
    expect(reachOf({ ...me, consents: false }, reader('vi'), directions)).toBe('no_consent');
    expect(reachOf({ ...me, speaks: null }, reader('vi'), directions)).toBe('silent');
  });
});
