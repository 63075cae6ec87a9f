import { screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { writeHostSecret } from '../../../call/preferences';
import { FakeApi, ROOM, ticketFor } from '../../../testing/fakeApi';
import { FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { faultsIn, showPage } from '../../../testing/page';
import { RoomPage } from '../../call/components/RoomPage';

const TICKET = ticketFor('Ben', { speaks: 'en', reads: 'en', listens: 'en', voice: 'natural', consent: false });
const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true });
const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', colour: 1 });

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
  test('is told who waits, and lets them in', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-proof');
    const api = new FakeApi({ ...ROOM, lobby: true });
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
