import { expect, test } from 'vitest';

import { captionWith } from '../testing/fakeCall';
import { CaptionStore } from './captionStore';
import { writeTxt, writeVtt } from './captionExport';

const options = { nameOf: (identity: string) => ({ 'p-an': 'An <b>' })[identity] ?? 'Eva', beganAtMs: 1_000, lostWords: '(some words were lost)' };

function talk() {
  const store = new CaptionStore('en');
  store.receive(
    captionWith({ segment: 'a', text: 'Fish & <chips>.', final: true, seq: 1, startS: 3_661.25, endS: 3_662, original: 'Cá và khoai.' }),
    0,
  );
  store.receive(captionWith({ segment: 'b', speaker: 'p-eva', text: 'Yes.', final: true, seq: 2 }), 3_670_000);
  return store.lines;
}

test('subtitles carry times and speakers, and nothing in them can be taken for a tag', () => {
  const vtt = writeVtt(talk(), options);

  expect(vtt).toBe(
    'WEBVTT\n\n01:01:01.250 --> 01:01:02.750\n<v An &lt;b&gt;>Fish &amp; &lt;chips&gt;.\n\n' +
      '01:01:09.000 --> 01:01:10.500\n<v Eva>Yes.\n',
  );
});

test('text has a line for each final, with the original beside it', () => {
  expect(writeTxt(talk(), options)).toBe('[01:01:01] An <b>: Fish & <chips>. (Cá và khoai.)\n[01:01:09] Eva: Yes.\n');
});

test('times never run backwards, even if a time is missing', () => {
  const store = new CaptionStore('en');
  store.addHistory([
    captionWith({ segment: 'a', text: 'One.', final: true, seq: 1, startS: 20, endS: 21 }),
    captionWith({ segment: 'b', text: 'Two.', final: true, seq: 2 }),
    captionWith({ segment: 'c', text: 'Three.', final: true, seq: 3, startS: 5, endS: 6 }),
  ]);

  const starts = [...writeVtt(store.lines, options).matchAll(/^(\S+) -->/gm)].map((match) => match[1]);

  expect(starts).toEqual(['00:00:20.000', '00:00:20.000', '00:00:20.000']);
});

test('where words were lost, both say so and nothing is left empty', () => {
  const store = new CaptionStore('en');
  store.addHistory([
    captionWith({ segment: 'a', text: '', final: true, seq: 1, startS: 1, endS: 2, gap: true }),
    captionWith({ segment: 'b', text: 'We open in', final: true, seq: 2, startS: 3, endS: 4, gap: true }),
  ]);

  expect(writeTxt(store.lines, options)).toBe(
    '[00:00:01] An <b>: (some words were lost)\n[00:00:03] An <b>: We open in (some words were lost)\n',
  );
  expect(writeVtt(store.lines, options)).toContain('<v An &lt;b&gt;>(some words were lost)');
});
