/**
 * Who is signed in at this page, from the first look at the server to signing out.
 *
 * The refresh token is a cookie that no script reads; the access token lies in `credentials.ts`. Of a session the
 * browser's storage knows only that there may be one, so that guests ask for none, and that its end is owed to the
 * server (`marks.ts`). What proves a host (`call/preferences.ts`) goes with the session. Tabs tell each other what changed.
 */
import type { NewUser, SessionApi, SignedIn, Site, User } from '../api/accounts';
import { ApiError, codeOf } from '../api/types';
import { Listeners } from '../call/listeners';
import { forgetHostSecrets } from '../call/preferences';
import type { Credentials } from './credentials';
import { hintIn, owedIn, type Mark } from './marks';
import { oneAtATime, type OneAtATime } from './oneAtATime';

export type SessionState =
  | { phase: 'starting' }
  /** This server has no accounts. */
  | { phase: 'none' }
  /** It did not answer whether somebody is signed in. */
  | { phase: 'unreachable' }
  | { phase: 'signed_out'; site: Site; ended: boolean }
  | { phase: 'signed_in'; site: Site; user: User };

const CHANNEL = 'dragoman.session';
const LOCK = 'dragoman.session.refresh';
/** Before the end of the access token. */
const REFRESH_BEFORE_S = 60;
const LEAST_WAIT_S = 5;
const TRY_AGAIN_AFTER_S = 15;
/** With these the server says that there is no session any more. */
const SIGNED_OUT_STATUSES = [401, 403, 404];
/** With these there is nothing to sign out of. */
const NOTHING_OWED_STATUSES = [401, 404];

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
  private lastTurn: Promise<unknown> = Promise.resolve();
  private readonly hint: Mark;
  private readonly owed: Mark;
  private readonly onOnline = () => {
    if (this.owed.isSet) void this.paySignOut();
  };

  constructor(private readonly options: SessionOptions) {
    this.alone = options.alone ?? oneAtATime;
    this.hint = hintIn(options.storage);
    this.owed = owedIn(options.storage);
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
    this.channel?.addEventListener('message', ({ data }) => this.hear(data));
    options.credentials.renew = () => this.refresh();
    window.addEventListener('online', this.onOnline);
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
    else if (this.hint.isSet && !this.owed.isSet) await this.refresh();
    else {
      this.leave(false);
      this.onOnline();
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.enterBy(() => this.options.api.signIn(email, password));
  }

  async signUp(user: NewUser): Promise<void> {
    await this.enterBy(() => this.options.api.signUp(user));
  }

  /**
   * To be called before the browser goes to the provider, which comes back with a cookie. A sign-out that is owed goes
   * first: it would end what begins there. Raises `ApiError` while that is not answered.
   */
  async expectProvider(): Promise<void> {
    if (this.owed.isSet) await this.signOutAtServer();
    this.hint.put(true);
  }

  /** Signed out here at once, and at the server as soon as it answers. Never rejects. */
  signOut(): Promise<void> {
    this.owed.put(true);
    this.forget();
    return this.paySignOut();
  }

  /** The account is gone, or the server has ended everything. */
  forget(): void {
    forgetHostSecrets(this.options.storage, { all: true });
    this.leave(false);
    this.channel?.postMessage('signed_out');
  }

  setUser(user: User): void {
    if (this.state.phase === 'signed_in') this.put({ ...this.state, user });
  }

  close(): void {
    clearTimeout(this.timer);
    window.removeEventListener('online', this.onOnline);
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
      // The cookie of who has signed out opens nothing here, though the server may not know yet.
      const opened = await this.inTurn(async () => (this.owed.isSet ? null : this.options.api.refreshSession()));
      if (opened === null || this.owed.isSet) this.leave(this.state.phase === 'signed_in');
      else this.enter(opened);
    } catch (error) {
      if (this.owed.isSet) return;
      const wasIn = this.state.phase === 'signed_in';
      if (error instanceof ApiError && SIGNED_OUT_STATUSES.includes(error.status)) this.leave(wasIn);
      else if (wasIn) this.refreshIn(TRY_AGAIN_AFTER_S);
      else this.put({ phase: 'unreachable' });
    }
  }

  /** What was owed for the last session goes with its cookie, whose place another one takes. */
  private async enterBy(ask: () => Promise<SignedIn>): Promise<void> {
    const opened = await this.inTurn(async () => {
      const answer = await ask();
      this.owed.put(false);
      return answer;
    });
    this.enter(opened);
    this.channel?.postMessage('signed_in');
  }

  /** Once more every few seconds, at the next `online` and at the next start, until it is answered. */
  private paySignOut(): Promise<void> {
    return this.signOutAtServer().catch(() => this.after(TRY_AGAIN_AFTER_S, this.onOnline));
  }

  private signOutAtServer(): Promise<void> {
    return this.inTurn(async () => {
      // Another tab may have done it, or somebody signed in since, whose cookie is not this one's to end.
      if (!this.owed.isSet) return;
      try {
        await this.options.api.signOut();
      } catch (error) {
        if (!(error instanceof ApiError && NOTHING_OWED_STATUSES.includes(error.status))) throw error;
      }
      this.owed.put(false);
    });
  }

  /** What sets the cookie or takes it away, one after the other: an answer that comes late would undo a later one. */
  private inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.lastTurn.then(() => this.alone(LOCK, task));
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }

  private enter({ accessToken, expiresInS, user }: SignedIn): void {
    if (!this.site) return;
    this.options.credentials.put(accessToken, expiresInS);
    this.hint.put(true);
    this.put({ phase: 'signed_in', site: this.site, user });
    this.refreshIn(Math.max(LEAST_WAIT_S, expiresInS - REFRESH_BEFORE_S));
  }

  private leave(ended: boolean): void {
    clearTimeout(this.timer);
    this.options.credentials.clear();
    forgetHostSecrets(this.options.storage);
    this.hint.put(false);
    if (this.site) this.put({ phase: 'signed_out', site: this.site, ended });
  }

  private hear(message: unknown): void {
    if (message === 'signed_out' && this.state.phase === 'signed_in') this.leave(true);
    if (message === 'signed_in' && this.state.phase === 'signed_out') void this.refresh();
  }

  private refreshIn(seconds: number): void {
    this.after(seconds, () => void this.refresh());
  }

  private after(seconds: number, task: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(task, seconds * 1_000);
  }

  private put(state: SessionState): void {
    this.state = state;
    this.listeners.tell();
  }
}
