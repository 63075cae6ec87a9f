import { describe, expect, test } from 'vitest';

import { readMetadata } from './roomMetadata';

const NINE = Date.parse('2026-03-01T09:00:00Z');

describe('what the metadata says', () => {
  test('it names the end shortly before, and none until then', () => {
    expect(readMetadata('{"interpretation": true, "ends_at": "2026-03-01T09:00:00Z"}')?.endsAtMs).toBe(NINE);
    expect(readMetadata('{"interpretation": true}')?.endsAtMs).toBeNull();
  });

  test('a lock and interpretation that is off are there while a host wants them', () => {
    expect(readMetadata('{"interpretation": false, "locked": true}')).toEqual({ interpretation: false, locked: true, endsAtMs: null });
    expect(readMetadata('{"interpretation": true}')).toEqual({ interpretation: true, locked: false, endsAtMs: null });
  });

  test.each(['{"ends_at": 7}', '{"ends_at": "soon"}', '{"ends_at": null}', '{"locked": "yes", "interpretation": 0}', '[]'])(
    '%s decides nothing',
    (metadata) => {
      expect(readMetadata(metadata)).toEqual({ interpretation: true, locked: false, endsAtMs: null });
    },
  );

  test.each(['', undefined, '{', 'null', '7'])('%s says nothing', (metadata) => {
    expect(readMetadata(metadata)).toBeNull();
  });
});
