import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { createApi } from '../api/client';
import { ApiError } from '../api/types';
import { readHostSecret, writeHostSecret } from '../call/preferences';
import { FakeApi } from '../testing/fakeApi';
import { Credentials } from './credentials';
import { Session } from './session';

const alone = <Result>(_name: string, task: () => Promise<Result>) => task();

function sessionOf(api = new FakeApi(), credentials = new Credentials()) {
  api.facts = { ...api.facts, accounts: true };
  const session = new Session({ api, credentials, storage: localStorage, alone });
  onTestFinished(() => session.close());
  return { api, credentials, session };
}

const renewed = (change: () => void) => () => {
  change();
  return Promise.resolve();
};
const asked = (api: FakeApi, name: string) => api.calls.filter((call) => call.name === name).length;

describe('the session', () => {
  test('a guest asks for no session; who was signed in here is so again', async () => {
    const guest = sessionOf();
    await guest.session.start();
    localStorage.setItem('dragoman.account', 'maybe');
    const known = sessionOf();
    await known.session.start();

    expect([guest.session.getState().phase, asked(guest.api, 'refreshSession')]).toEqual(['signed_out', 0]);
    expect(known.session.getState().phase).toBe('signed_in');
  });

  test('a server without accounts is one, also if it does not know the question', async () => {
    const without = sessionOf();
    without.api.facts = { ...without.api.facts, accounts: false };
    await without.session.start();
    const older = sessionOf(new FakeApi(undefined, { site: 'not_found' }));
    await older.session.start();

    expect([without.session.getState().phase, older.session.getState().phase]).toEqual(['none', 'none']);
  });

  test('nothing that opens the account is ever stored', async () => {
    const { session } = sessionOf();
    await session.start();

    await session.signIn('lan@example.org', 'secret words');

    expect(JSON.stringify(localStorage) + JSON.stringify(sessionStorage)).not.toMatch(/access|secret words/);
  });

  test('a session that has ended leads to signing in, and says so', async () => {
    localStorage.setItem('dragoman.account', 'maybe');
    const { api, credentials, session } = sessionOf();
    await session.start();
    api.refusals.refreshSession = 'not_signed_in';

    await credentials.renew();

    expect(session.getState()).toMatchObject({ phase: 'signed_out', ended: true });
    expect(await credentials.current()).toBeNull();
  });

  test('a network that is away signs nobody out', async () => {
    localStorage.setItem('dragoman.account', 'maybe');
    const { api, credentials, session } = sessionOf();
    await session.start();
    api.refusals.refreshSession = 'unreachable';

    await credentials.renew();

    expect(session.getState().phase).toBe('signed_in');
  });

  test('however many ask, one refresh runs at a time', async () => {
    localStorage.setItem('dragoman.account', 'maybe');
    const { api, credentials, session } = sessionOf();
    await session.start();

    await Promise.all([credentials.renew(), credentials.renew(), credentials.renew()]);

    expect(asked(api, 'refreshSession')).toBe(2);
  });

  test('the access token is renewed before it ends', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    localStorage.setItem('dragoman.account', 'maybe');
    const { api, session } = sessionOf();
    await session.start();

    await vi.advanceTimersByTimeAsync(545_000);

    expect(asked(api, 'refreshSession')).toBe(2);
  });
});

describe('signing out', () => {
  async function signedIn(api = new FakeApi()) {
    localStorage.setItem('dragoman.account', 'maybe');
    const opened = sessionOf(api);
    await opened.session.start();
    return opened;
  }

  /** A server that gives no answer to `signOut` until it is let. */
  function silent(api: FakeApi) {
    let answer: (() => void) | undefined;
    const answered = new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined);
    });
    vi.spyOn(api, 'signOut').mockImplementation(() => answered);
    return () => answer?.();
  }

  test('is at once here, whatever the server takes to answer', async () => {
    const { api, credentials, session } = await signedIn();
    const answer = silent(api);

    const done = session.signOut();
    expect(session.getState()).toMatchObject({ phase: 'signed_out', ended: false });
    expect(await credentials.current()).toBeNull();
    answer();
    await done;

    expect(localStorage.length).toBe(0);
  });

  test('leaves nothing in the browser that proves a host', async () => {
    const { session } = await signedIn();
    writeHostSecret(localStorage, 'lasting', 'u-lan.proof');
    writeHostSecret(localStorage, 'instant', 'proof');

    await session.signOut();

    expect([readHostSecret(localStorage, 'lasting'), readHostSecret(localStorage, 'instant')]).toEqual([null, null]);
  });

  test('by the server leaves what signing in again would not give: the host secret of a room of the moment', async () => {
    const { api, credentials, session } = await signedIn();
    writeHostSecret(localStorage, 'lasting', 'u-lan.proof');
    writeHostSecret(localStorage, 'instant', 'proof');
    api.refusals.refreshSession = 'not_signed_in';

    await credentials.renew();

    expect(session.getState().phase).toBe('signed_out');
    expect([readHostSecret(localStorage, 'lasting'), readHostSecret(localStorage, 'instant')]).toEqual([null, 'proof']);
  });

  test('that the server did not hear is sent again at the next start, and its cookie opens nothing before', async () => {
    const first = await signedIn();
    first.api.refusals.signOut = 'unreachable';
    await first.session.signOut();
    first.session.close();
    localStorage.setItem('dragoman.account', 'maybe');

    const next = sessionOf();
    await next.session.start();
    expect(next.session.getState().phase).toBe('signed_out');
    await vi.waitFor(() => expect(localStorage.length).toBe(0));
    expect([asked(next.api, 'signOut'), asked(next.api, 'refreshSession')]).toEqual([1, 0]);
    const later = sessionOf();
    await later.session.start();

    expect(asked(later.api, 'signOut')).toBe(0);
  });

  test('that the server did not hear is sent again when the network is back', async () => {
    const { api, session } = await signedIn();
    api.refusals.signOut = 'unreachable';
    await session.signOut();
    delete api.refusals.signOut;

    window.dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(localStorage.length).toBe(0));
    window.dispatchEvent(new Event('online'));

    expect(asked(api, 'signOut')).toBe(2);
  });

  test('that the server did not hear is tried again while the page stays open', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { api, session } = await signedIn();
    api.refusals.signOut = 'store_unavailable';
    await session.signOut();

    await vi.advanceTimersByTimeAsync(16_000);
    delete api.refusals.signOut;
    await vi.advanceTimersByTimeAsync(60_000);

    expect(asked(api, 'signOut')).toBe(3);
  });

  test('that is owed ends no session that begins afterwards', async () => {
    const { api, session } = await signedIn();
    api.refusals.signOut = 'unreachable';
    await session.signOut();
    delete api.refusals.signOut;

    await session.signIn('lan@example.org', 'secret words');
    window.dispatchEvent(new Event('online'));
    await session.signIn('lan@example.org', 'secret words');

    expect([session.getState().phase, asked(api, 'signOut')]).toEqual(['signed_in', 1]);
  });

  test('reaches the server where the browser stores nothing', async () => {
    const refuse = () => {
      throw new Error('storage is off');
    };
    const storage = { getItem: refuse, setItem: refuse, removeItem: refuse } as unknown as Storage;
    const api = new FakeApi();
    api.facts = { ...api.facts, accounts: true };
    const session = new Session({ api, credentials: new Credentials(), storage, alone });
    onTestFinished(() => session.close());
    await session.start();
    expect(session.getState().phase).toBe('signed_in');
    api.refusals.signOut = 'unreachable';
    await session.signOut();
    delete api.refusals.signOut;
    await session.start();
    await vi.waitFor(() => expect(asked(api, 'signOut')).toBe(2));

    expect([session.getState().phase, asked(api, 'refreshSession')]).toEqual(['signed_out', 1]);
  });

  test('under way is over before somebody signs in, whose cookie it would take', async () => {
    const { api, session } = await signedIn();
    const answer = silent(api);
    void session.signOut();

    const done = session.signIn('lan@example.org', 'secret words');
    await Promise.resolve();
    expect(asked(api, 'signIn')).toBe(0);
    answer();
    await done;

    expect(session.getState().phase).toBe('signed_in');
  });

  test('is not undone by a refresh that was under way', async () => {
    const { credentials, session } = await signedIn();
    const renewing = credentials.renew();

    await session.signOut();
    await renewing;

    expect(session.getState().phase).toBe('signed_out');
    expect(await credentials.current()).toBeNull();
  });

  test('that is owed goes before the way to a provider, which is not taken without', async () => {
    const { api, session } = await signedIn();
    api.refusals.signOut = 'unreachable';
    await session.signOut();

    await expect(session.expectProvider()).rejects.toMatchObject({ code: 'unreachable' });
    delete api.refusals.signOut;
    await session.expectProvider();

    expect(localStorage.getItem('dragoman.signOut')).toBeNull();
    expect(localStorage.getItem('dragoman.account')).toBe('maybe');
  });
});

describe('requests of who is signed in', () => {
  test('a refused token is renewed once, and the request made once more', async () => {
    const credentials = new Credentials();
    credentials.put('old', 600);
    credentials.renew = renewed(() => credentials.put('new', 600));
    const sent: (string | null)[] = [];
    const api = createApi((_, init) => {
      const proof = new Headers(init?.headers).get('Authorization');
      sent.push(proof);
      const good = proof === 'Bearer new';
      return Promise.resolve(
        new Response(JSON.stringify(good ? { id: 'u', is_admin: true } : { code: 'not_signed_in', detail: '' }), { status: good ? 200 : 401 }),
      );
    }, credentials);

    const me = await api.me();

    expect(sent).toEqual(['Bearer old', 'Bearer new']);
    expect(me).toMatchObject({ id: 'u', isAdmin: true });
  });

  test('where renewing does not help either, the refusal is told', async () => {
    const credentials = new Credentials();
    credentials.put('old', 600);
    credentials.renew = renewed(() => credentials.clear());
    const api = createApi(() => Promise.resolve(new Response('{"code": "not_signed_in"}', { status: 401 })), credentials);

    const error: unknown = await api.me().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'not_signed_in', status: 401 });
  });

  test('a token that is about to end is renewed first', async () => {
    let nowMs = 0;
    const credentials = new Credentials(() => nowMs);
    credentials.put('old', 600);
    credentials.renew = renewed(() => credentials.put('new', 600));
    nowMs = 595_000;

    expect(await credentials.current()).toBe('new');
  });
});
