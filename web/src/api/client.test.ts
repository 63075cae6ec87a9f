import { describe, expect, test } from 'vitest';

import { createApi } from './client';
import { codeOf } from './types';

/** A server that answers once, and remembers what it was asked. */
function serverWith(answer: () => Response | Promise<Response>) {
  const asked: { method: string; url: string; body: unknown; secret: string | null }[] = [];
  const api = createApi((url, init) => {
    const headers = new Headers(init?.headers);
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : null;
    asked.push({ method: init?.method ?? 'GET', url: url as string, body, secret: headers.get('Authorization') });
    return Promise.resolve(answer());
  });
  return { api, asked };
}

const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const choices = { speaks: 'vi', reads: 'vi', listens: 'original', voice: 'natural' as const, consent: true };

describe('the client', () => {
  test('joining sends name, languages and consent, and the secret of before', async () => {
    const { api, asked } = serverWith(() =>
      json({ room: 'r', identity: 'p-1', name: 'An (2)', secret: 's', token: 't', server_path: '/', choices }, 201),
    );

    const ticket = await api.join('r/1', 'An', choices, 'old');

    await api.join('r/1', 'An', choices, 'old', true);

    const joining = { method: 'POST', url: '/api/v1/rooms/r%2F1/join', secret: 'Bearer old' };
    expect(asked).toEqual([
      { ...joining, body: { name: 'An', ...choices } },
      { ...joining, body: { name: 'An', ...choices, again: true } },
    ]);
    expect(ticket).toMatchObject({ identity: 'p-1', name: 'An (2)', serverPath: '/' });
  });

  test('captions are asked for by language and number, with the participant’s own secret', async () => {
    const { api, asked } = serverWith(() => json({ captions: [], last_seq: 9, epoch: 3 }));
    const ticket = { identity: 'p-1', name: 'An', secret: 's', token: 't', serverPath: '/', choices };

    const page = await api.captions('r', ticket, 'vi', 7);

    expect(asked[0]).toMatchObject({ url: '/api/v1/rooms/r/captions?language=vi&after_seq=7&limit=500', secret: 'Bearer s' });
    expect(page).toEqual({ captions: [], lastSeq: 9, epoch: 3 });
  });

  test('a meeting that is changed says that it is weekly no more, and leaves out what is not asked for', async () => {
    const { api, asked } = serverWith(() => json({ id: 'm', starts_local: '2026-12-01T09:30', slots: 2 }));

    const meeting = await api.changeMeeting('r', 'm', { startsLocal: '2026-12-01T09:30', timeZone: 'UTC', minutes: 30, weeklyUntil: null });

    const body = { starts_local: '2026-12-01T09:30', time_zone: 'UTC', minutes: 30, weekly_until: null };
    expect(asked[0]).toMatchObject({ method: 'PATCH', url: '/api/v1/my/rooms/r/meetings/m', body });
    expect(meeting.slots).toBe(2);
  });

  test('a refusal carries its code and when to try again', async () => {
    const { api } = serverWith(() => json({ code: 'too_many_requests', detail: 'wait' }, 429, { 'Retry-After': '7' }));

    const error: unknown = await api.capabilities().catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'too_many_requests', message: 'wait', retryAfterS: 7 });
  });

  test('no answer, and a page of a proxy, both count as unreachable', async () => {
    const silent = serverWith(() => Promise.reject(new TypeError('network')));
    const proxy = serverWith(() => new Response('<html>502</html>', { status: 502 }));

    const codes = await Promise.all(
      [silent, proxy].map(({ api }) => api.seeRoom('r').then(() => '', (error: unknown) => codeOf(error))),
    );

    expect(codes).toEqual(['unreachable', 'unreachable']);
  });

  test('what answers nothing gives nothing', async () => {
    const { api, asked } = serverWith(() => new Response(null, { status: 204 }));

    await api.remove('r', 'host', 'p-1');

    expect(asked[0]).toMatchObject({ method: 'DELETE', url: '/api/v1/rooms/r/participants/p-1', secret: 'Bearer host' });
  });
});
