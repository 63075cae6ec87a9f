/** Decides when a weak connection costs the camera, so that the voice goes on. Plain: qualities and times in. */

export type Quality = 'good' | 'weak';

/** A short dip is no reason to take a picture away; several of them are: a link at its limit is weak every other moment. */
export const PAUSE_AFTER_MS = 5_000;
/** The weakness is over, and the picture comes back, only when the connection has been good for this long: no flicker. */
export const RESUME_AFTER_MS = 20_000;

export class WeakLink {
  private quality: Quality = 'good';
  private sinceMs = 0;
  /** How long the connection was weak before `sinceMs`, since this weakness began. */
  private weakForMs = 0;
  private pausing = false;
  /** The person wants the camera as it is, for as long as this weakness lasts. */
  private overruled = false;

  /** Take what LiveKit says of our own connection. */
  observe(quality: Quality, atMs: number): void {
    if (quality === this.quality) return;
    if (this.quality === 'weak') this.weakForMs += atMs - this.sinceMs;
    else if (atMs - this.sinceMs >= RESUME_AFTER_MS) this.endWeakness();
    this.quality = quality;
    this.sinceMs = atMs;
  }

  /** What to do now, if anything; each is said once. */
  decide(atMs: number): 'pause' | 'resume' | null {
    const forMs = atMs - this.sinceMs;
    if (this.quality === 'weak') {
      if (this.pausing || this.overruled || this.weakForMs + forMs < PAUSE_AFTER_MS) return null;
      this.pausing = true;
      return 'pause';
    }
    if (forMs < RESUME_AFTER_MS) return null;
    this.endWeakness();
    if (!this.pausing) return null;
    this.pausing = false;
    return 'resume';
  }

  /** The person decided about the camera: that counts until the connection is good and gets weak again. */
  reset(): void {
    this.pausing = false;
    this.overruled = this.quality === 'weak' || this.weakForMs > 0;
  }

  private endWeakness(): void {
    this.weakForMs = 0;
    this.overruled = false;
  }
}
