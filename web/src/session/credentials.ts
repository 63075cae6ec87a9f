/** The access token of whoever is signed in: in memory only, and renewed before it runs out. From `session.ts`; to `../api/request.ts`. */

/** A request takes its time; a token that ends within it is renewed first. */
const MARGIN_MS = 10_000;

export class Credentials {
  private token: string | null = null;
  private endsAtMs = 0;
  /** Set by the session: fetches another token, and puts it here. Never rejects. */
  renew: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly now: () => number = () => performance.now()) {}

  put(token: string, expiresInS: number): void {
    this.token = token;
    this.endsAtMs = this.now() + expiresInS * 1_000;
  }

  clear(): void {
    this.token = null;
  }

  /** The token to send now, renewed if it is about to end; null if nobody is signed in. */
  async current(): Promise<string | null> {
    if (this.token !== null && this.now() > this.endsAtMs - MARGIN_MS) await this.renew();
    return this.token;
  }

  /** Another token after `refused` was refused; null if there is none. */
  async instead(refused: string): Promise<string | null> {
    if (this.token === refused) await this.renew();
    return this.token === refused ? null : this.token;
  }
}
