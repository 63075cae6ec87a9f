import { describe, expect, test } from 'vitest';

import { captionWith } from '../testing/fakeCall';
import { CaptionStore } from './captionStore';

const texts = (store: CaptionStore) => store.lines.map((line) => line.text);

describe('what was said', () => {
  test('finals stand once each and in their order, however often and in whatever order they come', () => {
    const store = new CaptionStore('en');
    const one = captionWith({ segment: '1.a', text: 'One.', final: true, seq: 1 });
    const two = captionWith({ segment: '1.b', text: 'Two.', final: true, seq: 2 });

    store.receive(two, 0);
    store.receive(one, 1);
    store.receive(two, 2);
    store.addHistory([one, two]);

    expect(texts(store)).toEqual(['One.', 'Two.']);
  });

  test('a reader gets captions in the language they chose and no other', () => {
    const store = new CaptionStore('vi');

    const foreign = store.receive(captionWith({ text: 'Hola', language: 'es', sourceLanguage: 'es' }), 0);
    const own = store.receive(captionWith({ text: 'Xin chào', language: 'vi', sourceLanguage: 'es' }), 0);

    expect(foreign).toBeNull();
    expect(own?.text).toBe('Xin chào');
  });

  test('the original stands under its translation, whichever comes first', () => {
    const store = new CaptionStore('en');
    const said = (segment: string, text: string) =>
      captionWith({ segment, text, language: 'vi', sourceLanguage: 'vi', final: true });

    store.receive(said('1.a', 'Xin chào.'), 0);
    store.receive(captionWith({ segment: '1.a', text: 'Hello.', final: true, seq: 1 }), 1);
    store.receive(captionWith({ segment: '1.b', text: 'Goodbye.', final: true, seq: 2 }), 2);
    store.addHistory([said('1.b', 'Tạm biệt.')]);

    expect(store.lines.map((line) => line.original)).toEqual(['Xin chào.', 'Tạm biệt.']);
  });

  test('who comes late gets the finals from before', () => {
    const store = new CaptionStore('en');

    store.addHistory([captionWith({ segment: '1.a', text: 'One.', final: true, seq: 1 })]);
    store.receive(captionWith({ segment: '1.b', text: 'Two.', final: true, seq: 2 }), 0);

    expect(texts(store)).toEqual(['One.', 'Two.']);
    expect(store.lastSeq).toBe(2);
  });

  test('an utterance that a dead interpreter left keeps its committed words, marked as cut off', () => {
    const store = new CaptionStore('en');
    store.receive(captionWith({ segment: '1.a', text: 'We open in March and', committedChars: 16, epoch: 1 }), 0);

    const dropped = store.startEpoch(2, 100);

    expect(dropped.map((caption) => caption.segment)).toEqual(['1.a']);
    expect(store.lines).toMatchObject([{ text: 'We open in March', gap: true }]);
  });

  test('the true final takes the place of what was marked as cut off', () => {
    const store = new CaptionStore('en');
    store.receive(captionWith({ segment: '1.a', text: 'We open in March and', committedChars: 16, epoch: 1 }), 0);
    store.startEpoch(2, 100);

    store.addHistory([captionWith({ segment: '1.a', text: 'We open in March and hire.', final: true, seq: 1, epoch: 1 })]);

    expect(store.lines).toMatchObject([{ text: 'We open in March and hire.', gap: false }]);
  });

  test('a gap takes no committed words away, and without any it is a line of its own', () => {
    const store = new CaptionStore('en');
    store.receive(captionWith({ segment: '1.a', text: 'We open in March and', committedChars: 16 }), 0);

    const shown = store.receive(captionWith({ segment: '1.a', text: '', final: true, seq: 1, gap: true }), 100);
    store.receive(captionWith({ segment: '1.b', text: '', final: true, seq: 2, gap: true }), 200);

    expect(shown?.text).toBe('We open in March');
    expect(store.lines).toMatchObject([{ text: 'We open in March', gap: true }, { text: '', gap: true }]);
  });

  test('the speaker’s own words stand in until their translation comes', () => {
    const store = new CaptionStore('en');
    store.addHistory([captionWith({ segment: '1.a', text: 'Xin chào.', final: true, seq: 1, untranslated: true })]);

    store.receive(captionWith({ segment: '1.a', text: 'Hello.', final: true, seq: 2 }), 0);
    store.addHistory([captionWith({ segment: '1.a', text: 'Xin chào.', final: true, seq: 1, untranslated: true })]);

    expect(store.lines).toMatchObject([{ text: 'Hello.', untranslated: false }]);
  });

  test('what was translated afterwards stands where its original stood, and the last number seen is the newest', () => {
    const store = new CaptionStore('en');
    store.receive(captionWith({ segment: '1.a', text: 'Xin chào.', final: true, seq: 1, untranslated: true }), 0);
    store.receive(captionWith({ segment: '1.b', text: 'We begin.', final: true, seq: 2 }), 1);

    store.receive(captionWith({ segment: '1.a', text: 'Hello.', final: true, seq: 3 }), 2);

    expect(store.lines.map((line) => line.text)).toEqual(['Hello.', 'We begin.']);
    expect(store.lastSeq).toBe(3);
  });

  test('an empty final that is no gap is not a line', () => {
    const store = new CaptionStore('en');

    store.receive(captionWith({ segment: '1.a', text: ' ', final: true, seq: 1 }), 0);

    expect(store.lines).toEqual([]);
  });

  test('the original that came with the translation is preferred to the one of the whole segment', () => {
    const store = new CaptionStore('en');
    store.receive(captionWith({ segment: '1.a', text: 'Hello.', final: true, seq: 1, original: 'Xin chào.' }), 0);

    store.addHistory([captionWith({ segment: '1.a', language: 'vi', text: 'Xin chào. Tạm biệt.', final: true, seq: 2 })]);

    expect(store.originalOf('1.a')).toBe('Xin chào.');
  });

  test('a replaced interpreter that wakes up again is not listened to', () => {
    const store = new CaptionStore('en');
    store.startEpoch(2, 0);

    const late = store.receive(captionWith({ text: 'From the dead', epoch: 1 }), 1);
    const lateFinal = store.receive(captionWith({ text: 'From the dead.', epoch: 1, final: true, seq: 9 }), 2);

    expect([late, lateFinal]).toEqual([null, null]);
    expect(store.lines).toHaveLength(0);
  });

  test('choosing another language drops the partials of the one before', () => {
    const store = new CaptionStore('en');
    store.receive(captionWith({ segment: '1.a', text: 'We open in' }), 0);

    const dropped = store.setReads('vi');

    expect(dropped.map((caption) => caption.segment)).toEqual(['1.a']);
  });

  test('a day of talk does not grow without bound', () => {
    const store = new CaptionStore('en');
    for (let seq = 1; seq <= 5_100; seq += 1) {
      store.receive(captionWith({ segment: String(seq), text: 'Yes.', final: true, seq }), seq);
    }

    expect(store.lines).toHaveLength(5_000);
    expect(store.lines[0]?.seq).toBe(101);
  });
});
