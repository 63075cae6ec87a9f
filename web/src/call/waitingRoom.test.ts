import { expect, test } from 'vitest';

import type { LobbyAnswer, LobbyApi } from '../api/lobby';
import { ApiError, codeOf } from '../api/types';
import { ticketFor } from '../testing/fakeApi';
import { waitToBeLetIn, type Wait } from './waitingRoom';

const TICKET = ticketFor('An', { speaks: 'vi', reads: 'vi', listens: 'vi', voice: 'natural', consent: true });

function waitFor(answers: (LobbyAnswer | ApiError)[]) {
  const seen: Wait[] = [];
  const stop = new AbortController();
  const api = {
    lobbyAnswer: () => {
      const answer = answers.shift() ?? new ApiError('room_not_found', '');
      return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
    },
  } as unknown as LobbyApi;
  const options = { onWait: (wait: Wait) => seen.push(wait), signal: stop.signal, pause: () => Promise.resolve() };
  return { seen, stop, ended: waitToBeLetIn(api, 'r', { ticket: 't', position: 3 }, options) };
}

const codeIn = (ended: Promise<unknown>) => ended.then(() => '', (error: unknown) => codeOf(error));

test('who waits sees the line get shorter, and comes in when a host says so', async () => {
  const { seen, ended } = waitFor([{ state: 'waiting', position: 1 }, { state: 'admitted', joined: TICKET }]);

  expect(await ended).toBe(TICKET);
  expect(seen.map(({ position }) => position)).toEqual([3, 1]);
});

test('a network that is away for a while costs nobody their place', async () => {
  const { seen, ended } = waitFor([new ApiError('unreachable', ''), { state: 'admitted', joined: TICKET }]);

  expect(await ended).toBe(TICKET);
  expect(seen).toEqual([{ position: 3, answered: true }, { position: 3, answered: false }]);
});

test('a refusal, a ticket that is forgotten and a room that is over end the waiting, each by its own word', async () => {
  expect(await codeIn(waitFor([{ state: 'refused' }]).ended)).toBe('lobby_refused');
  expect(await codeIn(waitFor([new ApiError('ticket_not_found', '')]).ended)).toBe('lobby_left');
  expect(await codeIn(waitFor([new ApiError('room_not_found', '')]).ended)).toBe('room_not_found');
});

test('who leaves asks no more', async () => {
  const { stop, ended } = waitFor([{ state: 'admitted', joined: TICKET }]);
  stop.abort();

  expect(await codeIn(ended)).toBe('lobby_left');
});
