import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { FakeAudioContext, type FakeGain } from '../testing/fakeAudio';
import { AudioMix, playedAs, type PlayableTrack } from './audioMix';

class FakeTrack implements PlayableTrack {
  nodes: unknown[] = [];
  attached = 0;

  attach(): HTMLMediaElement {
    this.attached += 1;
    return document.createElement('audio');
  }
  detach(): HTMLMediaElement[] {
    this.attached = 0;
    return [];
  }
  setWebAudioPlugins(nodes: AudioNode[]): void {
    this.nodes = nodes;
  }
  gain(index: number): number {
    return (this.nodes[index] as FakeGain).gain.value;
  }
}

function mixOf(listens: string) {
  const context = new FakeAudioContext();
  const sounding: string[][] = [];
  const mix = new AudioMix(context as unknown as AudioContext, (speakers) => sounding.push([...speakers]));
  mix.setListening({ listens, voice: 'natural' });
  const original = new FakeTrack();
  const dub = new FakeTrack();
  mix.addOriginal('p-an', original);
  mix.addDub({ speaker: 'p-an', language: 'en', voice: 'natural' }, dub);
  const analyser = () => context.analysers.at(-1);
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 20) {
      context.currentTime += 0.02;
      vi.advanceTimersByTime(20);
    }
  };
  return { mix, context, original, dub, analyser, pass, sounding };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the mix', () => {
  test('the original of a speaker is lowered while his dub sounds, and comes back', () => {
    const { mix, original, analyser, pass, sounding } = mixOf('en');

    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(200);
    const under = original.gain(0);
    Object.assign(analyser() ?? {}, { level: 0 });
    pass(1_000);

    expect(under).toBeCloseTo(0.18);
    expect(original.gain(0)).toBe(1);
    expect(sounding).toEqual([['p-an'], []]);
    mix.close();
  });

  test('another speaker stays as loud as before', () => {
    const { mix, analyser, pass } = mixOf('en');
    const other = new FakeTrack();
    mix.addOriginal('p-eva', other);

    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(200);

    expect(other.gain(0)).toBe(1);
    mix.close();
  });

  test('the sound of a shared screen is as loud as before while its owner is dubbed', () => {
    const { mix, original, analyser, pass } = mixOf('en');
    const screen = new FakeTrack();
    mix.addOriginal(playedAs('p-an', { isSpeech: false }), screen);

    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(200);

    expect(playedAs('p-an', { isSpeech: true })).toBe('p-an');
    expect([original.gain(0), screen.gain(0)]).toEqual([expect.closeTo(0.18), 1]);
    mix.close();
  });

  test('a dub in a language that is not mine is silent and lowers nobody, even while its track still flows', () => {
    const { mix, original, dub, analyser, pass } = mixOf('vi');

    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(400);

    expect(dub.gain(1)).toBe(0);
    expect(original.gain(0)).toBe(1);
    mix.close();
  });

  test('switching the language takes the dub away and gives the original back', () => {
    const { mix, original, dub, analyser, pass } = mixOf('en');
    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(400);

    mix.setListening({ listens: 'original', voice: 'natural' });
    pass(500);

    expect(dub.gain(1)).toBe(0);
    expect(original.gain(0)).toBe(1);
    mix.close();
  });

  test('original, dub or both is chosen for each speaker', () => {
    const { mix, original, dub, analyser, pass } = mixOf('en');
    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(400);

    mix.setHearing('p-an', { mode: 'dub', underDub: 0.18 });
    pass(200);
    const dubAlone = [original.gain(0) < 0.001, dub.gain(1)];
    mix.setHearing('p-an', { mode: 'original', underDub: 0.18 });
    pass(600);

    expect(dubAlone).toEqual([true, 1]);
    expect([original.gain(0), dub.gain(1)]).toEqual([1, 0]);
    mix.close();
  });

  test('with the dub alone the original is silent before and between dubs too, while they can be counted on', () => {
    const { mix, original, analyser, pass } = mixOf('en');
    const levels: number[] = [];
    const note = () => levels.push(original.gain(0));
    mix.setVoiced(new Set(['p-an']));
    note();

    mix.setHearing('p-an', { mode: 'dub', underDub: 0.18 });
    pass(200);
    note();
    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(400);
    Object.assign(analyser() ?? {}, { level: 0 });
    pass(2_000);
    note();
    mix.setVoiced(new Set());
    pass(600);
    note();
    mix.setVoiced(new Set(['p-an']));
    pass(200);
    note();
    mix.setHearing('p-an', { mode: 'both', underDub: 0.18 });
    pass(600);
    note();

    expect(levels.map((level) => Math.round(level * 1_000) / 1_000)).toEqual([1, 0, 0, 1, 0, 1]);
    mix.close();
  });

  test('a microphone that comes while its dub is heard alone is silent too, also if it comes just then', () => {
    const { mix, pass } = mixOf('en');
    const [early, late] = [new FakeTrack(), new FakeTrack()];
    mix.setHearing('p-eva', { mode: 'dub', underDub: 0.18 });
    mix.setVoiced(new Set(['p-eva']));

    mix.addOriginal('p-eva', early);
    pass(200);
    mix.addOriginal('p-eva', late);

    expect([early.gain(0), late.gain(0)]).toEqual([expect.closeTo(0, 3), 0]);
    mix.close();
  });

  test('a dub that is lost while it sounds gives the original back only where none can be counted on', () => {
    const { mix, original, analyser, pass } = mixOf('en');
    mix.setHearing('p-an', { mode: 'dub', underDub: 0.18 });
    mix.setVoiced(new Set(['p-an']));
    Object.assign(analyser() ?? {}, { level: 0.1 });
    pass(400);

    mix.removeDub({ speaker: 'p-an', language: 'en', voice: 'natural' });
    pass(600);
    const between = original.gain(0);
    mix.setVoiced(new Set());
    pass(600);

    expect(between).toBeLessThan(0.001);
    expect(original.gain(0)).toBe(1);
    mix.close();
  });

  test('closing lets go of every track', () => {
    const { mix, original, dub } = mixOf('en');

    mix.close();

    expect([original.attached, dub.attached]).toEqual([0, 0]);
  });
});
