import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { captionWith } from '../testing/fakeCall';
import type { Caption } from './caption';
import { CaptionFeed } from './captionFeed';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function feed() {
  const missed: number[] = [];
  const finals: Caption[] = [];
  const made = new CaptionFeed({
    reads: 'en',
    now: () => performance.now(),
    onMissed: (afterSeq) => missed.push(afterSeq),
    onFinal: (caption) => finals.push(caption),
  });
  return { made, missed, finals };
}

/** What screen readers are told, the last lines of it. */
function announced(made: CaptionFeed): string[] {
  return made.getSnapshot().announced.map(({ line }) => line.text);
}

describe('the feed', () => {
  test('the page is told at most five times a second', () => {
    const { made } = feed();
    let told = 0;
    made.subscribe(() => (told += 1));

    for (let step = 0; step < 100; step += 1) {
      made.receive(captionWith({ segment: 'a', text: 'word '.repeat(step + 1) }), made.nextOrder());
      vi.advanceTimersByTime(20);
    }

    expect(told).toBeGreaterThan(5);
    expect(told).toBeLessThanOrEqual(11);
    made.close();
  });

  test('the first words of a silence are shown at once', () => {
    const { made } = feed();
    vi.advanceTimersByTime(1_050);

    made.receive(captionWith({ segment: 'a', text: 'Hello' }), made.nextOrder());

    expect(made.getSnapshot().cues).toHaveLength(1);
    made.close();
  });

  test('an update that was overtaken does not bring old words back', () => {
    const { made } = feed();
    const first = made.nextOrder();
    const second = made.nextOrder();

    made.receive(captionWith({ segment: 'a', text: 'Hello every' }), second);
    made.receive(captionWith({ segment: 'a', text: 'Hello' }), first);
    vi.advanceTimersByTime(400);

    expect(made.getSnapshot().cues[0]?.lines[0]?.provisional).toBe('Hello every');
    made.close();
  });

  test('a new interpreter clears what the old one left, and what was missed is asked for', () => {
    const { made, missed } = feed();
    made.receive(captionWith({ segment: '1.a', text: 'One.', final: true, seq: 7, epoch: 1 }), made.nextOrder());
    made.receive(captionWith({ segment: '1.b', text: 'And then we', epoch: 1 }), made.nextOrder());

    made.startEpoch(2);
    vi.advanceTimersByTime(400);

    expect(missed).toEqual([7]);
    expect(made.getSnapshot().cues.map((cue) => cue.segment)).toEqual(['1.a']);
    made.close();
  });

  test('every new interpreter is a reason to ask for what was missed, the first one seen is not', () => {
    const { made, missed } = feed();

    made.startEpoch(3);
    made.receive(captionWith({ segment: '3.a', text: 'One.', final: true, seq: 7, epoch: 3 }), made.nextOrder());
    made.startEpoch(3);
    const before = [...missed];
    made.startEpoch(4);

    expect(before).toEqual([]);
    expect(missed).toEqual([7]);
    made.close();
  });

  test('a final that was fetched ends the words that stood on screen', () => {
    const { made } = feed();
    made.receive(captionWith({ segment: '1.a', text: 'We open in', epoch: 1 }), made.nextOrder());
    vi.advanceTimersByTime(300);

    made.addHistory([captionWith({ segment: '1.a', text: 'We open in March.', final: true, seq: 1 })]);

    expect(made.getSnapshot().cues).toMatchObject([{ final: true, lines: [{ committed: 'We open in March.', provisional: '' }] }]);
    made.close();
  });

  test('a translation takes the place of the speaker’s own words, in the history and on screen', () => {
    const { made } = feed();
    made.receive(captionWith({ segment: '1.a', text: 'Xin chào.', final: true, seq: 1, untranslated: true }), made.nextOrder());
    vi.advanceTimersByTime(300);

    made.addHistory([captionWith({ segment: '1.a', text: 'Hello.', final: true, seq: 2 })]);
    made.receive(captionWith({ segment: '1.a', text: 'Xin chào.', final: true, seq: 1, untranslated: true }), made.nextOrder());
    vi.advanceTimersByTime(300);

    expect(made.getSnapshot().lines).toMatchObject([{ text: 'Hello.', untranslated: false }]);
    expect(made.getSnapshot().cues).toMatchObject([{ untranslated: false, lines: [{ committed: 'Hello.' }] }]);
    made.close();
  });

  test('a final that could not be sent is asked for as soon as the next one tells of it', () => {
    const { made, missed } = feed();

    made.receive(captionWith({ segment: 'a', text: 'One.', final: true, seq: 40 }), made.nextOrder());
    made.receive(captionWith({ segment: 'c', text: 'Three.', final: true, seq: 44, missedSeq: 42 }), made.nextOrder());
    const asked = [...missed];
    made.addHistory([captionWith({ segment: 'b', text: 'Two.', final: true, seq: 42 })]);

    expect(asked).toEqual([41]);
    expect(made.getSnapshot().lines.map(({ text }) => text)).toEqual(['One.', 'Two.', 'Three.']);
    made.close();
  });

  test('the lag is the median of the last captions and is forgotten in silence', () => {
    const { made } = feed();
    for (const lagMs of [1_000, 9_000, 2_000]) {
      made.receive(captionWith({ segment: String(lagMs), text: 'Yes.', final: true, seq: lagMs, lagMs }), made.nextOrder());
    }
    vi.advanceTimersByTime(300);

    const lagMs = made.getSnapshot().lagMs;
    vi.advanceTimersByTime(20_000);

    expect(lagMs).toBe(2_000);
    expect(made.getSnapshot().lagMs).toBeNull();
    made.close();
  });

  test('screen readers get finals alone', () => {
    const { made } = feed();

    made.receive(captionWith({ segment: 'a', text: 'Hello every' }), made.nextOrder());
    vi.advanceTimersByTime(300);
    const partial = made.getSnapshot().announced;
    made.receive(captionWith({ segment: 'a', text: 'Hello everyone.', final: true, seq: 1 }), made.nextOrder());
    vi.advanceTimersByTime(300);

    expect(partial).toEqual([]);
    expect(announced(made)).toEqual(['Hello everyone.']);
    made.close();
  });

  test('screen readers get every final of a burst, and the same words as often as they are said', () => {
    const { made } = feed();

    for (const [seq, text] of ['Yes.', 'Of course.', 'Yes.'].entries()) {
      made.receive(captionWith({ segment: `s${seq}`, text, final: true, seq: seq + 1 }), made.nextOrder());
    }
    vi.advanceTimersByTime(300);

    expect(announced(made)).toEqual(['Yes.', 'Of course.', 'Yes.']);
    expect(new Set(made.getSnapshot().announced.map(({ number }) => number)).size).toBe(3);
    made.close();
  });

  test('screen readers get what a break swallowed, and not what was said before one came', () => {
    const { made } = feed();
    const final = (seq: number) => captionWith({ segment: `s${seq}`, text: `Line ${seq}.`, final: true, seq });
    made.addHistory([final(1), final(2)]);
    const before = announced(made);

    made.receive(final(3), made.nextOrder());
    made.addHistory([final(2), final(3), final(4), final(5)]);
    made.addHistory([final(4), final(5)]);

    expect(before).toEqual([]);
    expect(announced(made)).toEqual(['Line 3.', 'Line 4.', 'Line 5.']);
    made.close();
  });

  test('screen readers get what is said while the history is still being fetched, and of a long one the last lines', () => {
    const { made } = feed();
    const final = (seq: number) => captionWith({ segment: `s${seq}`, text: `Line ${seq}.`, final: true, seq });

    made.receive(final(3), made.nextOrder());
    made.addHistory([final(1), final(2), final(3)]);
    vi.advanceTimersByTime(300);
    const early = announced(made);
    made.addHistory([4, 5, 6, 7, 8, 9, 10].map(final));

    expect(early).toEqual(['Line 3.']);
    expect(announced(made)).toEqual(['Line 6.', 'Line 7.', 'Line 8.', 'Line 9.', 'Line 10.']);
    made.close();
  });

  test('the speaker’s own words that come later are not read out', () => {
    const { made } = feed();
    made.receive(captionWith({ segment: 'a', text: 'Hello.', final: true, seq: 1 }), made.nextOrder());

    made.addHistory([captionWith({ segment: 'a', text: 'Xin chào.', language: 'vi', final: true, seq: 2 })]);

    expect(made.getSnapshot().lines[0]?.original).toBe('Xin chào.');
    expect(announced(made)).toEqual(['Hello.']);
    made.close();
  });
});
