import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { createApi } from '../api/client';
import { ApiError } from '../api/types';
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
