/** Who is believed: forged captions, garbage on the data channel, tracks that are named like dubs. */
import { describe, expect, test } from 'vitest';

import type { Caption } from './caption';
import { Interpretation, type Sender } from './interpretation';
import { UNVOICED_TOPIC } from './unvoiced';

const INTERPRETER: Sender = { identity: 'interpreter', isAgent: true };
const IMPOSTOR: Sender = { identity: 'interpreter', isAgent: false };
const OTHER_AGENT: Sender = { identity: 'recorder', isAgent: true };
const ATTRIBUTES = { 'lk.segment_id': '1.a.en', 'dragoman.speaker': 'p-an', 'dragoman.language': 'en', 'lk.transcription_final': 'true' };

function listening() {
  const captions: Caption[] = [];
  const dubs: string[] = [];
  const unvoiced: string[] = [];
  const interpretation = new Interpretation(
    { nextOrder: () => 1, receive: (caption) => captions.push(caption) },
    { addDub: ({ speaker }) => dubs.push(`+${speaker}`), removeDub: ({ speaker }) => dubs.push(`-${speaker}`) },
    (segment) => unvoiced.push(segment),
  );
  return { interpretation, captions, dubs, unvoiced };
}

const stream = (text: string, attributes: Record<string, string> = ATTRIBUTES) => ({
  info: { attributes },
  readAll: () => Promise.resolve(text),
});
const track = { attach: () => document.createElement('audio'), detach: () => [], setWebAudioPlugins: () => undefined };
const bytes = (text: string) => new TextEncoder().encode(text);

describe('captions', () => {
  test('those of the server-issued interpreter are taken', async () => {
    const { interpretation, captions } = listening();

    await interpretation.takeText(stream('Hello.'), INTERPRETER);

    expect(captions.map(({ text }) => text)).toEqual(['Hello.']);
  });

  test('forged ones are not: by a participant called interpreter, by another agent, by nobody', async () => {
    const { interpretation, captions } = listening();

    for (const sender of [IMPOSTOR, OTHER_AGENT, undefined]) await interpretation.takeText(stream('I owe you money.'), sender);

    expect(captions).toEqual([]);
  });

  test('a stream that breaks off or is no caption leaves the call as it is', async () => {
    const { interpretation, captions } = listening();

    await interpretation.takeText({ ...stream(''), readAll: () => Promise.reject(new Error('gone')) }, INTERPRETER);
    await interpretation.takeText(stream('Hello.', {}), INTERPRETER);

    expect(captions).toEqual([]);
  });
});

describe('data', () => {
  test('only the interpreter says which voice was left out', () => {
    const { interpretation, unvoiced } = listening();

    for (const sender of [INTERPRETER, IMPOSTOR, undefined]) interpretation.takeData(bytes('{"segment": "1.a"}'), sender, UNVOICED_TOPIC);

    expect(unvoiced).toEqual(['1.a']);
  });

  test('garbage is ignored, whoever sends it', () => {
    const { interpretation, unvoiced } = listening();

    for (const sender of [INTERPRETER, IMPOSTOR]) {
      interpretation.takeData(new Uint8Array([0xff, 0xfe]), sender, UNVOICED_TOPIC);
      interpretation.takeData(bytes('[[['), sender, UNVOICED_TOPIC);
      interpretation.takeData(bytes('{"segment": "1.a"}'), sender, 'chat');
      interpretation.takeData(new Uint8Array(60_000), sender, UNVOICED_TOPIC);
    }

    expect(unvoiced).toEqual([]);
  });
});

test('a dub is the interpreter’s and somebody else’s voice; any other track with its name is not played', () => {
  const { interpretation, dubs } = listening();

  interpretation.takeTrack(track, 'dub:p-an:en', INTERPRETER, true, 'p-me');
  interpretation.takeTrack(track, 'dub:p-eva:en', OTHER_AGENT, true, 'p-me');
  interpretation.takeTrack(track, 'dub:p-me:en', INTERPRETER, true, 'p-me');
  interpretation.takeTrack(track, 'dub:p-an:en', INTERPRETER, false, 'p-me');

  expect(dubs).toEqual(['+p-an', '-p-an']);
});
