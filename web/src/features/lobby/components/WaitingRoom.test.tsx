import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { ApiError } from '../../../api/types';
import { readHostSecret, writeHostSecret, writeOwnSecret } from '../../../call/preferences';
import { FakeApi, ROOM, ticketFor } from '../../../testing/fakeApi';
import { FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { faultsIn, fakeSite, showPage } from '../../../testing/page';
import { RoomPage } from '../../call/components/RoomPage';

const TICKET = ticketFor('Ben', { speaks: 'en', reads: 'en', listens: 'en', voice: 'natural', consent: false });
const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true });
const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', colour: 1 });

/** A room that lasts, at its own host's page: signed in, with the host secret of an earlier call. */
async function atHome(api: FakeApi) {
  giveDevices();
  localStorage.setItem('dragoman.preferences', '{"name": "Ben"}');
  localStorage.setItem('dragoman.account', 'maybe');
  const view = showPage(<RoomPage room={ROOM.room} />, { api, openCall: () => new FakeCall({ people: [ME, AN] }) });
  await act(() => view.session.start());
  writeHostSecret(localStorage, ROOM.room, 'u-lan.earlier');
  return view;
}

/** Not open until its host opens it. */
function notOpen(refused: 'seeRoom' | 'join') {
  const api = fakeSite({ [refused]: 'room_not_open' }, { ...ROOM, title: 'Weekly', lobby: true });
  const open = api.openMyRoom.bind(api);
  vi.spyOn(api, 'openMyRoom').mockImplementation((room) => {
    Reflect.deleteProperty(api.refusals, refused);
    return open(room);
  });
  return api;
}

async function join(api: FakeApi) {
  giveDevices();
  localStorage.setItem('dragoman.preferences', '{"name": "Ben"}');
  const view = showPage(<RoomPage room={ROOM.room} />, { api, openCall: () => new FakeCall({ people: [ME, AN] }) });
  await view.user.click(await screen.findByRole('button', { name: 'Join' }));
  return view;
}

function apiWithLine() {
  const api = new FakeApi({ ...ROOM, lobby: true });
  api.line = { ticket: 'place', position: 2 };
  return api;
}

describe('before a room with a lobby', () => {
  test('one sees the place in the line, and comes in by itself when the host says so', async () => {
    const api = apiWithLine();
    api.lobbyAnswers = [{ state: 'admitted', joined: TICKET }];
    const { container } = await join(api);
    await screen.findByText('Your place in the line: 2');
    const faults = await faultsIn(container);

    expect(await screen.findByRole('navigation', { name: 'Controls' })).toBeTruthy();
    expect(faults).toEqual([]);
  });

  test('a refusal is said, and everything that was written is kept', async () => {
    const api = apiWithLine();
    api.lobbyAnswers = [{ state: 'refused' }];
    await join(api);

    expect((await screen.findByRole('alert')).textContent).toContain('You were not let in');
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Your name' }).value).toBe('Ben');
  });

  test('who leaves gives the place back', async () => {
    const api = apiWithLine();
    const { user } = await join(api);

    await user.click(await screen.findByRole('button', { name: 'Leave' }));

    await waitFor(() => expect(api.calls).toContainEqual({ name: 'leaveLobby', args: [ROOM.room, 'place'] }));
  });

  test('a room that nobody has opened yet is waited for', async () => {
    showPage(<RoomPage room={ROOM.room} />, { api: new FakeApi(ROOM, { seeRoom: 'room_not_open' }) });

    expect(await screen.findByRole('heading', { name: 'The room is not open yet' })).toBeTruthy();
  });
});

describe('a host', () => {
  test('opens the room by its link, whatever proof of an earlier call lies in the browser', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    await atHome(notOpen('seeRoom'));

    await screen.findByRole('heading', { name: 'The room is not open yet' });
    act(() => void vi.advanceTimersByTime(5_000));

    expect(await screen.findByRole('button', { name: 'Join' })).toBeTruthy();
    expect(readHostSecret(localStorage, ROOM.room)).toBe('host-proof');
  });

  test('who took long to join opens the room once more, and joins as its host', async () => {
    const { api, user } = await atHome(notOpen('join'));

    await user.click(await screen.findByRole('button', { name: 'Join' }));

    expect(await screen.findByRole('navigation', { name: 'Controls' })).toBeTruthy();
    expect(api.calls.find(({ name }) => name === 'join')?.args[3]).toBe('host-proof');
  });

  test('who was somebody else in an earlier call does not wait before their own room', async () => {
    const api = fakeSite({}, { ...ROOM, title: 'Weekly', lobby: true });
    const answer = api.join.bind(api);
    const joined = vi.spyOn(api, 'join').mockImplementation((...args) =>
      args[3] === 'p-me.earlier' ? Promise.reject(new ApiError('room_not_found', 'over')) : answer(...args),
    );
    writeOwnSecret(sessionStorage, ROOM.room, 'p-me.earlier');
    const { user } = await atHome(api);

    await user.click(await screen.findByRole('button', { name: 'Join' }));

    expect(await screen.findByRole('navigation', { name: 'Controls' })).toBeTruthy();
    expect(joined.mock.calls.map((args) => [args[3], args[4] ?? false])).toEqual([
      ['p-me.earlier', true],
      ['host-proof', false],
    ]);
  });

  test.each([
    ['would let them wait, being just started', { ticket: 'place', position: 1 }],
    ['takes them for somebody new before a locked door', new ApiError('room_locked', 'locked')],
  ])('does not wait before their own room where the server %s', async (_, first) => {
    const api = fakeSite({}, { ...ROOM, title: 'Weekly', lobby: true });
    const answer = api.join.bind(api);
    const joined = vi.spyOn(api, 'join').mockImplementation((...args) => {
      if (args[3] !== 'p-me.earlier') return answer(...args);
      return first instanceof ApiError ? Promise.reject(first) : Promise.resolve(first);
    });
    writeOwnSecret(sessionStorage, ROOM.room, 'p-me.earlier');
    const { user } = await atHome(api);

    await user.click(await screen.findByRole('button', { name: 'Join' }));

    expect(await screen.findByRole('navigation', { name: 'Controls' })).toBeTruthy();
    expect(joined.mock.calls.map((args) => args[3])).toEqual(['p-me.earlier', 'host-proof']);
    expect(api.calls.filter(({ name }) => name === 'leaveLobby').map(({ args }) => args[1])).toEqual(
      first instanceof ApiError ? [] : ['place'],
    );
  });

  test('is told who waits where a lobby came during the call', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-proof');
    const api = new FakeApi({ ...ROOM, title: 'Weekly', lobby: false });
    api.waiting = [{ ticket: 'w-1', name: 'Minh', waitingS: 5 }];

    await join(api);

    expect(await screen.findByRole('button', { name: 'Let Minh in' })).toBeTruthy();
  });

  test('is told who waits, and lets them in', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-proof');
    const api = new FakeApi({ ...ROOM, title: 'Weekly', lobby: true });
    api.waiting = [{ ticket: 'w-1', name: 'Minh', waitingS: 65 }];
    const { user } = await join(api);

    await user.click(await screen.findByRole('button', { name: 'Let Minh in' }));

    expect(api.calls).toContainEqual({ name: 'answerWaiter', args: [ROOM.room, 'host-proof', 'w-1', true] });
    await waitFor(() => expect(screen.queryByText(/Minh waits/)).toBeNull());
  });

  test('says who is interpreted, and who hosts beside them', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-proof');
    const { user, api } = await join(new FakeApi());
    await user.click(await screen.findByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'People' }));
    for (const action of ['Do not interpret An', 'Make An co-host']) {
      await user.click(await screen.findByRole('button', { name: 'Host controls for An' }));
      await user.click(await screen.findByRole('menuitem', { name: action }));
    }
    await user.click(screen.getByRole('switch', { name: 'Interpretation for this call' }));

    expect(api.calls).toContainEqual({ name: 'setTranscribed', args: [ROOM.room, 'host-proof', 'p-an', false] });
    expect(api.calls).toContainEqual({ name: 'setCohost', args: [ROOM.room, 'host-proof', 'p-an', true] });
    expect(api.calls).toContainEqual({ name: 'setInterpretation', args: [ROOM.room, 'host-proof', false] });
  });
});
