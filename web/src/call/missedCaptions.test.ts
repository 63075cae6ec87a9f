import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { captionWith } from '../testing/fakeCall';
import type { Caption } from './caption';
import { BOOTH_OPENS_MS, MissedCaptions, SETTLED_MS } from './missedCaptions';
import { socketUrl } from './roomOptions';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function missed(answer: (language: string, afterSeq: number) => Promise<Caption[]>) {
  const asked: [string, number][] = [];
  const taken: Caption[] = [];
  const made = new MissedCaptions(
    (language, afterSeq) => {
      asked.push([language, afterSeq]);
      return answer(language, afterSeq);
    },
    (captions) => taken.push(...captions),
  );
  return { made, asked, taken };
}

const said = (seq: number) => captionWith({ text: 'Xin chào.', language: 'vi', sourceLanguage: 'vi', final: true, seq });

test('originals of several finals are asked for once, and the next time from where they ended', async () => {
  const { made, asked, taken } = missed((_language, afterSeq) => Promise.resolve([said(afterSeq + 5)]));

  made.wantOriginalOf(captionWith({ text: 'Hello.', final: true, seq: 30 }));
  made.wantOriginalOf(captionWith({ text: 'Hello.', final: true, seq: 31 }));
  await vi.advanceTimersByTimeAsync(500);
  made.wantOriginalOf(captionWith({ text: 'Hello.', final: true, seq: 40 }));
  await vi.advanceTimersByTimeAsync(500);

  expect(asked).toEqual([
    ['vi', 11],
    ['vi', 16],
  ]);
  expect(taken).toHaveLength(2);
});

test('who reads the speaker’s own language needs no original', async () => {
  const { made, asked } = missed(() => Promise.resolve([]));

  made.wantOriginalOf(said(1));
  await vi.advanceTimersByTimeAsync(500);

  expect(asked).toEqual([]);
});

test('an original that came with its translation is not asked for', async () => {
  const { made, asked } = missed(() => Promise.resolve([]));

  made.wantOriginalOf(captionWith({ text: 'Hello.', final: true, seq: 1, original: 'Xin chào.' }));
  await vi.advanceTimersByTimeAsync(500);

  expect(asked).toEqual([]);
});

test('a request that fails is asked again from the same place', async () => {
  const { made } = missed(() => Promise.reject(new Error('away')));

  expect(await made.fetch('vi', 7)).toBe(7);
});

test('signalling stays on this page’s own origin', () => {
  expect(socketUrl({ protocol: 'https:', host: 'example.org' }, '/')).toBe('wss://example.org');
  expect(socketUrl({ protocol: 'http:', host: '127.0.0.1:8000' }, '/rooms/')).toBe('ws://127.0.0.1:8000/rooms');
});

test('after a break the finals around it are asked for at once and again, for some are late', async () => {
  const { made, asked } = missed(() => Promise.resolve([]));

  made.catchUp('vi', 30);
  await vi.advanceTimersByTimeAsync(0);
  const atOnce = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);

  expect(atOnce).toBe(1);
  expect(asked).toEqual([
    ['vi', 10],
    ['vi', 10],
    ['vi', 10],
  ]);
});

/** An API that gives words said when the page joined as `meetings/finals.py` does: once they are left to nobody. */
function settling({ away = () => false }: { away?: () => boolean } = {}) {
  const joinedAtMs = Date.now();
  const opensAtMs = joinedAtMs + BOOTH_OPENS_MS;
  return missed(() => {
    if (away()) return Promise.reject(new Error('away'));
    return Promise.resolve(Date.now() - opensAtMs >= SETTLED_MS ? [said(31)] : []);
  });
}

test('words that were said just before the booth opened come, though no translation of them ever does', async () => {
  const { made, taken } = settling();

  made.catchUp('vi', 30);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(taken.map((caption) => caption.seq)).toEqual([31]);
});

test('they come too where the answer that would have had them failed', async () => {
  const joinedAtMs = Date.now();
  const { made, taken } = settling({ away: () => Date.now() - joinedAtMs === SETTLED_MS + BOOTH_OPENS_MS });

  made.catchUp('vi', 30);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(taken.map((caption) => caption.seq)).toEqual([31]);
});

test('while nobody answers they are asked for again, and the earlier of two breaks counts', async () => {
  let away = true;
  const { made, asked, taken } = missed(() => (away ? Promise.reject(new Error('away')) : Promise.resolve([said(31)])));

  made.catchUp('vi', 30);
  await vi.advanceTimersByTimeAsync(1_000);
  made.catchUp('vi', 90);
  await vi.advanceTimersByTimeAsync(1_000);
  away = false;
  await vi.advanceTimersByTimeAsync(60_000);

  expect(asked.every(([, afterSeq]) => afterSeq === 10)).toBe(true);
  expect(taken).toHaveLength(2);
});

test('a call that is over asks for nothing any more', async () => {
  const { made, asked } = missed(() => Promise.resolve([]));

  made.catchUp('vi', 30);
  made.close();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(asked).toEqual([]);
});
