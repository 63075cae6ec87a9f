/** Decides when a weak connection costs the camera, so that the voice goes on. Plain: qualities and times in. */

export type Quality = 'good' | 'weak';

/** A short dip is no reason to take a picture away. */
export const PAUSE_AFTER_MS = 5_000;
/** It comes back only when the connection has been good for this long: no flicker. */
export const RESUME_AFTER_MS = 20_000;

export class WeakLink {
  private quality: Quality = 'good';
  private sinceMs = 0;
  private pausing = false;
  /** The person wants the camera as it is, for as long as this weakness lasts. */
  private overruled = false;

  /** Take what LiveKit says of our own connection. */
  observe(quality: Quality, atMs: number): void {
    const changed = quality !== this.quality;
    this.quality = quality;
    if (changed) this.sinceMs = atMs;
    if (quality === 'good') this.overruled = false;
  }

  /** What to do now, if anything; each is said once. */
  decide(atMs: number): 'pause' | 'resume' | null {
    const forMs = atMs - this.sinceMs;
    if (!this.pausing && !this.overruled && this.quality === 'weak' && forMs >= PAUSE_AFTER_MS) {
      this.pausing = true;
      return 'pause';
    }
    if (this.pausing && this.quality === 'good' && forMs >= RESUME_AFTER_MS) {
      this.pausing = false;
      return 'resume';
    }
    return null;
  }

  /** The person decided about the camera: that counts until the connection is good and gets weak again. */
  reset(): void {
    this.pausing = false;
    this.overruled = this.quality === 'weak';
  }
}
