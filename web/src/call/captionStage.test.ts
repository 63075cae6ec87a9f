import { describe, expect, test } from 'vitest';

import { captionWith } from '../testing/fakeCall';
import { CaptionStage, readingMs, type Cue } from './captionStage';

const WORDS = 'The second warehouse opens in March and we have to hire two people before the end of the winter. ';

function wordsOf(cue: Cue | undefined): string | undefined {
  return cue?.lines.map((line) => line.committed + line.provisional).join(' ');
}

describe('what stands on screen', () => {
  test('a final stays 1.5 seconds and as long as it takes to read, however much follows', () => {
    const stage = new CaptionStage(56);
    const long = 'We begin at nine, and we end when the last point of the list has been talked about.';
    stage.update(captionWith({ segment: 'a', text: 'Yes.', final: true }), 0);
    stage.update(captionWith({ segment: 'b', text: long, final: true }), 0);
    stage.update(captionWith({ segment: 'c', text: 'Next.', final: true }), 0);
    stage.update(captionWith({ segment: 'd', text: 'And then.', final: true }), 0);

    const shown = (atMs: number) => stage.tick(atMs).map((cue) => cue.segment);

    expect(shown(0)).toEqual(['a', 'b']);
    expect(shown(1_499)).toEqual(['a', 'b']);
    expect(shown(1_500)).toEqual(['b', 'c']);
    expect(shown(readingMs(long) - 1)).toEqual(['b', 'c']);
    expect(shown(readingMs(long))).toEqual(['c', 'd']);
  });

  test('lost words have a cue of their own for as long as a short one, never an empty one', () => {
    const stage = new CaptionStage(56);
    stage.update(captionWith({ segment: 'a', text: '', final: true, gap: true }), 0);
    stage.update(captionWith({ segment: 'b', text: '', final: true }), 0);
    stage.update(captionWith({ segment: 'c', text: 'Next.', final: true }), 0);
    stage.update(captionWith({ segment: 'd', text: 'And then.', final: true }), 0);

    const first = stage.tick(0);
    const later = stage.tick(1_500);

    expect(first.map(({ segment, gap }) => [segment, gap])).toEqual([['a', true], ['c', false]]);
    expect(later.map(({ segment }) => segment)).toEqual(['c', 'd']);
  });

  test('at most two cues of two lines stand at a time', () => {
    const stage = new CaptionStage(40);
    for (const segment of ['a', 'b', 'c']) stage.update(captionWith({ segment, text: WORDS.repeat(3), final: true }), 0);

    for (let atMs = 0; atMs < 120_000; atMs += 200) {
      const cues = stage.tick(atMs);
      expect(cues.length).toBeLessThanOrEqual(2);
      for (const cue of cues) expect(cue.lines.length).toBeLessThanOrEqual(2);
    }
  });

  test('a long final is shown to its last word, part after part', () => {
    const stage = new CaptionStage(40);
    const text = WORDS.repeat(4).trim();
    stage.update(captionWith({ segment: 'a', text, final: true }), 0);

    const seen: string[] = [];
    for (let atMs = 0; atMs < 120_000; atMs += 200) {
      for (const cue of stage.tick(atMs)) if (!seen.includes(wordsOf(cue) ?? '')) seen.push(wordsOf(cue) ?? '');
    }

    expect(seen.join(' ')).toBe(text);
  });

  test('words that are committed never move while more come', () => {
    const stage = new CaptionStage(40);
    const text = WORDS.trim();
    const places = new Map<string, string>();

    for (let length = 1; length <= text.length; length += 1) {
      stage.update(captionWith({ segment: 'a', text: text.slice(0, length), committedChars: length }), length);
      for (const cue of stage.tick(length)) {
        cue.lines.forEach((line, index) => {
          const before = places.get(`${cue.key}.${String(index)}`) ?? '';
          const stable = before.slice(0, before.lastIndexOf(' ') + 1);
          expect(line.committed.startsWith(stable.trimEnd())).toBe(true);
          places.set(`${cue.key}.${String(index)}`, line.committed);
        });
      }
    }
  });

  test('only what is not committed is provisional, and nothing of a final is', () => {
    const stage = new CaptionStage(56);

    stage.update(captionWith({ segment: 'a', text: 'Good morning every', committedChars: 12 }), 0);
    const partial = stage.tick(0)[0];
    stage.update(captionWith({ segment: 'a', text: 'Good morning everyone.', final: true }), 100);
    const final = stage.tick(100)[0];

    expect(partial?.lines).toEqual([{ committed: 'Good morning', provisional: ' every' }]);
    expect(final?.lines).toEqual([{ committed: 'Good morning everyone.', provisional: '' }]);
  });

  test('a partial that comes after its final changes nothing', () => {
    const stage = new CaptionStage(56);
    stage.update(captionWith({ segment: 'a', text: 'Good morning.', final: true }), 0);

    stage.update(captionWith({ segment: 'a', text: 'Good' }), 10);

    expect(wordsOf(stage.tick(20)[0])).toBe('Good morning.');
  });

  test('a partial without a final goes away', () => {
    const stage = new CaptionStage(56);
    stage.update(captionWith({ segment: 'a', text: 'And then we' }), 0);

    expect(stage.tick(12_000)).toHaveLength(1);
    expect(stage.tick(12_001)).toHaveLength(0);
  });

  test('the last words linger after they were read, then leave', () => {
    const stage = new CaptionStage(56);
    stage.update(captionWith({ segment: 'a', text: 'Yes.', final: true }), 0);

    expect(stage.tick(0)).toHaveLength(1);
    expect(stage.tick(5_400)).toHaveLength(1);
    expect(stage.tick(5_600)).toHaveLength(0);
  });

  test('two who speak at once both stand, each with words of their own', () => {
    const stage = new CaptionStage(56);
    stage.update(captionWith({ segment: 'a', speaker: 'p-an', text: 'I think' }), 0);
    stage.update(captionWith({ segment: 'b', speaker: 'p-eva', text: 'But the' }), 0);
    stage.update(captionWith({ segment: 'a', speaker: 'p-an', text: 'I think so' }), 50);

    const cues = stage.tick(50);

    expect(cues.map((cue) => [cue.speaker, wordsOf(cue)])).toEqual([
      ['p-an', 'I think so'],
      ['p-eva', 'But the'],
    ]);
  });

  test('a flood does not grow without bound', () => {
    const stage = new CaptionStage(56);
    for (let index = 0; index < 1_000; index += 1) {
      stage.update(captionWith({ segment: String(index), text: 'Yes.', final: true }), 0);
    }

    const seen = new Set<string>();
    for (let atMs = 0; atMs < 60_000; atMs += 200) for (const cue of stage.tick(atMs)) seen.add(cue.segment);

    expect(seen.size).toBeLessThan(20);
    expect(seen.has('999')).toBe(true);
  });
});
