/**
 * Who is signed in at this page, from the first look at the server to signing out.
 *
 * The refresh token is a cookie that no script reads; the access token lies in `credentials.ts`. Of a session the
 * browser's storage knows only that there may be one, so that guests ask for none. Tabs tell each other what changed.
 */
import type { NewUser, SessionApi, SignedIn, Site, User } from '../api/accounts';
import { ApiError, codeOf } from '../api/types';
import { Listeners } from '../call/listeners';
import type { Credentials } from './credentials';
import { oneAtATime, type OneAtATime } from './oneAtATime';

export type SessionState =
  | { phase: 'starting' }
  /** This server has no accounts. */
  | { phase: 'none' }
  /** It did not answer whether somebody is signed in. */
  | { phase: 'unreachable' }
  | { phase: 'signed_out'; site: Site; ended: boolean }
  | { phase: 'signed_in'; site: Site; user: User };

const HINT_KEY = 'dragoman.account';
const CHANNEL = 'dragoman.session';
const LOCK = 'dragoman.session.refresh';
/** Before the end of the access token. */
const REFRESH_BEFORE_S = 60;
const LEAST_WAIT_S = 5;
const TRY_AGAIN_AFTER_S = 15;
/** With these the server says that there is no session any more. */
const SIGNED_OUT_STATUSES = [401, 403, 404];

interface SessionOptions {
  api: SessionApi;
  credentials: Credentials;
  storage: Storage;
  alone?: OneAtATime;
}

export class Session {
  private readonly listeners = new Listeners();
  private readonly alone: OneAtATime;
  private readonly channel: BroadcastChannel | null;
  private state: SessionState = { phase: 'starting' };
  private site: Site | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewal: Promise<void> | null = null;

  constructor(private readonly options: SessionOptions) {
    this.alone = options.alone ?? oneAtATime;
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
    this.channel?.addEventListener('message', ({ data }) => this.hear(data));
    options.credentials.renew = () => this.refresh();
  }

  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);
  readonly getState = (): SessionState => this.state;

  /** Look what the server is, and whether somebody is signed in. Call it again after `unreachable`. */
  async start(): Promise<void> {
    this.put({ phase: 'starting' });
    try {
      this.site = await this.options.api.site();
    } catch (error) {
      // A server that does not know the question has no accounts.
      this.put({ phase: codeOf(error) === 'not_found' ? 'none' : 'unreachable' });
      return;
    }
    if (!this.site.accounts) this.put({ phase: 'none' });
    else if (this.mayBeSignedIn()) await this.refresh();
    else this.leave(false);
  }

  async signIn(email: string, password: string): Promise<void> {
    this.enter(await this.options.api.signIn(email, password));
    this.channel?.postMessage('signed_in');
  }

  async signUp(user: NewUser): Promise<void> {
    this.enter(await this.options.api.signUp(user));
    this.channel?.postMessage('signed_in');
  }

  /** To be called before the browser goes to the provider, which comes back with a cookie. */
  expectProvider(): void {
    this.note(true);
  }

  /** Signed out here at once, and at the server as soon as it answers. */
  async signOut(): Promise<void> {
    try {
      await this.options.api.signOut();
    } finally {
      this.leave(false);
      this.channel?.postMessage('signed_out');
    }
  }

  /** The account is gone, or the server has ended everything. */
  forget(): void {
    this.leave(false);
    this.channel?.postMessage('signed_out');
  }

  setUser(user: User): void {
    if (this.state.phase === 'signed_in') this.put({ ...this.state, user });
  }

  close(): void {
    clearTimeout(this.timer);
    this.channel?.close();
  }

  /** Fetch another access token; one request at a time, whoever asks. */
  private refresh(): Promise<void> {
    this.renewal ??= this.refreshNow().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async refreshNow(): Promise<void> {
    try {
      this.enter(await this.alone(LOCK, () => this.options.api.refreshSession()));
    } catch (error) {
      const wasIn = this.state.phase === 'signed_in';
      if (error instanceof ApiError && SIGNED_OUT_STATUSES.includes(error.status)) this.leave(wasIn);
      else if (wasIn) this.refreshIn(TRY_AGAIN_AFTER_S);
      else this.put({ phase: 'unreachable' });
    }
  }

  private enter({ accessToken, expiresInS, user }: SignedIn): void {
    if (!this.site) return;
    this.options.credentials.put(accessToken, expiresInS);
    this.note(true);
    this.put({ phase: 'signed_in', site: this.site, user });
    this.refreshIn(Math.max(LEAST_WAIT_S, expiresInS - REFRESH_BEFORE_S));
  }

  private leave(ended: boolean): void {
    clearTimeout(this.timer);
    this.options.credentials.clear();
    this.note(false);
    if (this.site) this.put({ phase: 'signed_out', site: this.site, ended });
  }

  private hear(message: unknown): void {
    if (message === 'signed_out' && this.state.phase === 'signed_in') this.leave(true);
    if (message === 'signed_in' && this.state.phase === 'signed_out') void this.refresh();
  }

  private refreshIn(seconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), seconds * 1_000);
  }

  private mayBeSignedIn(): boolean {
    try {
      return this.options.storage.getItem(HINT_KEY) !== null;
    } catch {
      return true;
    }
  }

  private note(signedIn: boolean): void {
    try {
      if (signedIn) this.options.storage.setItem(HINT_KEY, 'maybe');
      else this.options.storage.removeItem(HINT_KEY);
    } catch {
      // A private window may refuse: then the server is asked each time.
    }
  }

  private put(state: SessionState): void {
    this.state = state;
    this.listeners.tell();
  }
}
