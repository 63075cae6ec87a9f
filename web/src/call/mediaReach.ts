/**
 * Decides when to say that a browser reaches the server but not its media: a firewall, or a browser that pairs nothing
 * with the addresses the media server answers on. Plain: moments in. From `liveKitCall.ts`.
 */

/** As long as LiveKit waits for the first media; longer helps nobody. */
export const NO_MEDIA_AFTER_MS = 15_000;

export class MediaReach {
  private signalledAtMs: number | null = null;
  private signalledInThisTry = false;
  private told = false;

  /** Another try to connect begins. */
  begin(): void {
    this.signalledInThisTry = false;
  }

  /** The server has answered; media should follow. Tries in a row count as one. */
  signalled(atMs: number): void {
    this.signalledInThisTry = true;
    this.signalledAtMs ??= atMs;
  }

  /** The try failed. If not even the server answered, its media have nothing to do with it. */
  failed(): void {
    if (!this.signalledInThisTry) this.signalledAtMs = null;
  }

  connected(): void {
    this.signalledAtMs = null;
    this.told = false;
  }

  /** Say whether it is time to tell; once, until there was a connection. */
  shouldTell(atMs: number): boolean {
    if (this.told || this.signalledAtMs === null || atMs - this.signalledAtMs < NO_MEDIA_AFTER_MS) return false;
    this.told = true;
    return true;
  }
}
