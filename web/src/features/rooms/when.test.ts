import { afterEach, describe, expect, test, vi } from 'vitest';

import { dayIn, lengthIn, nextHour, wallClock } from './when';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('times', () => {
  test('a day is the same day west of Greenwich', () => {
    vi.stubEnv('TZ', 'America/Los_Angeles');

    expect(dayIn('2026-11-22', 'en')).toBe('Nov 22, 2026');
    expect(dayIn('2026-11-22T03:00:00Z', 'en')).toBe('Nov 21, 2026');
  });

  test('the clock on the wall is that of its time zone', () => {
    const moment = new Date('2026-11-22T20:30:00Z');

    expect(wallClock(moment, 'Asia/Ho_Chi_Minh')).toEqual({ day: '2026-11-23', time: '03:30' });
    expect(wallClock(moment, 'America/New_York')).toEqual({ day: '2026-11-22', time: '15:30' });
  });

  test('a meeting is proposed for a full hour that leaves time to come', () => {
    expect(nextHour(new Date('2026-11-22T09:29:00Z')).toISOString()).toBe('2026-11-22T10:00:00.000Z');
    expect(nextHour(new Date('2026-11-22T09:31:00Z')).toISOString()).toBe('2026-11-22T11:00:00.000Z');
  });

  test('lengths are written in the units of the reader', () => {
    expect(lengthIn(45, 'en')).toBe('45 min');
    expect(lengthIn(90, 'en')).toContain('1 hr');
    expect(lengthIn(60, 'vi')).toContain('1 giờ');
  });
});
