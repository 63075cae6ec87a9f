import { describe, expect, test } from 'vitest';

import { ATTACK_MS, DuckingCurve, RELEASE_MS, SILENT_GAIN, SOUNDING_RMS } from './duckingCurve';

const LOUD = 0.1;
const POLL_MS = 20;
const decibels = (gain: number) => 20 * Math.log10(gain);

/** Sound from `fromMs` to `toMs`, polled as the mix does. */
function play(curve: DuckingCurve, fromMs: number, toMs: number, untilMs: number): void {
  for (let atMs = 0; atMs <= untilMs; atMs += POLL_MS) curve.hear(atMs >= fromMs && atMs < toMs ? LOUD : 0, atMs);
}

describe('ducking', () => {
  test('the original falls by 12 dB and more within 200 ms of the first sound of the dub', () => {
    const curve = new DuckingCurve(0.18);

    play(curve, 1_000, 3_000, 1_200);

    expect(decibels(curve.gainAt(990))).toBe(0);
    expect(decibels(curve.gainAt(1_200))).toBeLessThan(-12);
  });

  test('it is back one second after the dub ends or stalls', () => {
    const curve = new DuckingCurve(0.18);

    play(curve, 0, 2_000, 4_000);

    expect(curve.gainAt(3_000)).toBe(1);
  });

  test('it is back one second after a dub stalls, although the browser lets it fade out', () => {
    const curve = new DuckingCurve(0.18);
    play(curve, 0, 2_000, 1_980);

    for (let atMs = 2_000; atMs <= 4_000; atMs += POLL_MS) curve.hear(atMs < 2_100 ? 2 * SOUNDING_RMS : 0, atMs);

    expect(curve.gainAt(3_000)).toBe(1);
  });

  test('pauses between words do not let it pump', () => {
    const curve = new DuckingCurve(0.18);

    play(curve, 0, 1_000, 1_500);
    play(curve, 1_500, 2_500, 2_500);

    expect(curve.gainAt(1_500)).toBeCloseTo(0.18);
    expect(curve.sounding).toBe(true);
  });

  test('it is never lowered while no dub sounds', () => {
    const curve = new DuckingCurve(0);

    for (let atMs = 0; atMs < 10_000; atMs += POLL_MS) curve.hear(SOUNDING_RMS / 2, atMs);

    expect(curve.gainAt(10_000)).toBe(1);
  });

  test('a listener who wants the dub alone hears nothing of the original under it', () => {
    const curve = new DuckingCurve(0);

    play(curve, 0, 1_000, 500);

    expect(curve.gainAt(500)).toBe(0);
  });

  test('who wants the dub alone hears nothing of the original before, between and after its words', () => {
    const curve = new DuckingCurve(0, 0);

    const gains: number[] = [];
    for (let atMs = 0; atMs <= 5_000; atMs += POLL_MS) {
      curve.hear(atMs >= 1_000 && atMs < 2_000 ? LOUD : 0, atMs);
      gains.push(curve.gainAt(atMs));
    }

    expect(Math.max(...gains)).toBeLessThanOrEqual(SILENT_GAIN);
  });

  test('the original comes back with the usual ramp where no dub can be counted on any more, and goes again', () => {
    const curve = new DuckingCurve(0, 0);

    const back = curve.setAtRest(1, 1_000);
    const again = curve.setAtRest(0, 3_000);

    expect(back).toEqual({ from: 0, to: 1, startMs: 1_000, endMs: 1_000 + RELEASE_MS });
    expect(again).toEqual({ from: 1, to: 0, startMs: 3_000, endMs: 3_000 + ATTACK_MS });
    expect(curve.setAtRest(0, 4_000)).toBeNull();
  });

  test('a dub that still sounds is heard out before the original comes back', () => {
    const curve = new DuckingCurve(0, 0);
    play(curve, 0, 1_000, 500);

    const ramp = curve.setAtRest(1, 500);
    for (let atMs = 520; atMs <= 3_000; atMs += POLL_MS) curve.hear(atMs < 1_000 ? LOUD : 0, atMs);

    expect(ramp).toBeNull();
    expect([curve.gainAt(1_500), curve.gainAt(2_000)]).toEqual([expect.closeTo(0, 3), 1]);
  });

  test('the slider takes effect at once, and from the level that was reached', () => {
    const curve = new DuckingCurve(0.18);
    play(curve, 0, 1_000, 500);

    const ramp = curve.setUnderDub(0.5, 500);

    expect(ramp).toMatchObject({ to: 0.5, startMs: 500 });
    expect(ramp?.from).toBeCloseTo(0.18);
    expect(curve.gainAt(600)).toBe(0.5);
  });

  test('a dub that begins during the release goes on from there without a step', () => {
    const curve = new DuckingCurve(0.18);
    play(curve, 0, 1_000, 1_800);
    const before = curve.gainAt(1_800);

    const ramp = curve.hear(LOUD, 1_800);

    expect(before).toBeGreaterThan(0.18);
    expect(before).toBeLessThan(1);
    expect(ramp?.from).toBe(before);
  });
});
