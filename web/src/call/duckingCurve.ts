/**
 * How loud the original is while its dub sounds, and while it does not. Plain: times and sound levels in, gains out; `audioMix.ts` applies them.
 *
 * The numbers are those of the recordings' mixdown (`rooms/ducking.py`): down within 80 ms, held for 600 ms after the
 * last sound, back within 400 ms; here an end is heard late, and the delay comes off the way back. The ramps are
 * straight in decibels.
 */

export const ATTACK_MS = 80;
export const HOLD_MS = 600;
export const RELEASE_MS = 400;
/**
 * An end is seen so much late at most: 50 ms for looking at the last 20 ms every 20 ms, and 100 ms for which a browser
 * lets a voice that stalls fade out, too soft to be heard as a word.
 */
const SEEN_LATE_MS = 150;
/** Root mean square of full scale above which a dub counts as sounding: -50 dB. */
export const SOUNDING_RMS = 0.0032;
/** A gain of 0 has no decibels: ramps end here (-80 dB), which nobody hears. */
export const SILENT_GAIN = 0.0001;

export interface Ramp {
  from: number;
  to: number;
  startMs: number;
  endMs: number;
}

export class DuckingCurve {
  private ramp: Ramp;
  private ducked = false;
  private lastSoundMs = -Infinity;

  /** Gains of the original, 0 to 1: under the dub, and `atRest`, while no dub sounds. */
  constructor(
    private underDub: number,
    private atRest = 1,
  ) {
    this.ramp = { from: atRest, to: atRest, startMs: 0, endMs: 0 };
  }

  /** Whether the dub sounds, pauses between words included. */
  get sounding(): boolean {
    return this.ducked;
  }

  /** Take the dub's level at this moment; gives the ramp to follow from now on, or null if nothing changes. */
  hear(rms: number, atMs: number): Ramp | null {
    if (rms > SOUNDING_RMS) {
      this.lastSoundMs = atMs;
      if (!this.ducked) {
        this.ducked = true;
        return this.moveTo(this.underDub, atMs, ATTACK_MS);
      }
    } else if (this.ducked && atMs - this.lastSoundMs >= HOLD_MS) {
      this.ducked = false;
      // Whatever was lost in looking comes off the release: one second after the last sound the original is back.
      const leftMs = this.lastSoundMs + HOLD_MS + RELEASE_MS - SEEN_LATE_MS - atMs;
      return this.moveTo(this.atRest, atMs, Math.max(ATTACK_MS, leftMs));
    }
    return null;
  }

  /** The listener moved the slider. */
  setUnderDub(underDub: number, atMs: number): Ramp | null {
    if (underDub === this.underDub) return null;
    this.underDub = underDub;
    return this.ducked ? this.moveTo(underDub, atMs, ATTACK_MS) : null;
  }

  /** The listener wants the dub alone and can count on it (0), or needs the original between its words too (1). */
  setAtRest(atRest: number, atMs: number): Ramp | null {
    if (atRest === this.atRest) return null;
    const durationMs = atRest < this.atRest ? ATTACK_MS : RELEASE_MS;
    this.atRest = atRest;
    return this.ducked ? null : this.moveTo(atRest, atMs, durationMs);
  }

  /** The dub is gone, or is not wanted any more. */
  release(atMs: number): Ramp | null {
    if (!this.ducked) return null;
    this.ducked = false;
    return this.moveTo(this.atRest, atMs, RELEASE_MS);
  }

  /** What is left of the ramp that is followed; null once it is done. For an original that comes in the middle of it. */
  leftAt(atMs: number): Ramp | null {
    return atMs < this.ramp.endMs ? { ...this.ramp, from: this.gainAt(atMs), startMs: atMs } : null;
  }

  gainAt(atMs: number): number {
    const { from, to, startMs, endMs } = this.ramp;
    if (atMs >= endMs) return to;
    const part = Math.max(0, (atMs - startMs) / (endMs - startMs));
    return audible(from) * (audible(to) / audible(from)) ** part;
  }

  private moveTo(gain: number, atMs: number, durationMs: number): Ramp {
    this.ramp = { from: this.gainAt(atMs), to: gain, startMs: atMs, endMs: atMs + durationMs };
    return this.ramp;
  }
}

/** The nearest gain that has decibels. */
export function audible(gain: number): number {
  return Math.max(gain, SILENT_GAIN);
}
