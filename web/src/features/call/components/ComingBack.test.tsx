/** Coming back to a call that knows this page no longer: it is somebody new there, and acts as such from then on. */
import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';

import { codeOf, type Choices, type Ticket } from '../../../api/types';
import type { CallState } from '../../../call/callState';
import type { CallOptions } from '../../../call/liveKitCall';
import { writeHostSecret } from '../../../call/preferences';
import { FakeApi, ROOM, ticketFor } from '../../../testing/fakeApi';
import { FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { showPage } from '../../../testing/page';
import { RoomPage } from './RoomPage';

const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true });
const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', reads: 'vi', listens: 'vi', colour: 1 });
const WITHDRAWN: Choices = { speaks: 'en', reads: 'en', listens: 'en', voice: 'natural', consent: false };

/** Knows nobody of before: whoever joins again is somebody new. Lists with which secret it was spoken to. */
class ForgetfulApi extends FakeApi {
  readonly proofs: string[] = [];
  private joined = 0;

  override join(room: string, name: string, choices: Choices, secretOfBefore: string | null, again = false) {
    this.joined += 1;
    const identity = `p-${this.joined}`;
    const ticket: Ticket = { ...ticketFor(name, choices), identity, secret: `${identity}.proof`, token: `token ${identity}` };
    return this.answer('join', [room, name, choices, secretOfBefore, again], this.line ?? ticket);
  }

  override changeChoices(room: string, ticket: Ticket, change: Partial<Choices>) {
    this.proofs.push(`choices of ${ticket.identity} by ${ticket.secret}`);
    return super.changeChoices(room, ticket, change);
  }

  override captions(room: string, ticket: Ticket, language: string, afterSeq: number) {
    this.proofs.push(`captions by ${ticket.secret}`);
    return super.captions(room, ticket, language, afterSeq);
  }

  override addPracticeSpeaker(room: string, ticket: Ticket, speaks: string) {
    this.proofs.push(`practice by ${ticket.secret}`);
    return super.addPracticeSpeaker(room, ticket, speaks);
  }
}

async function inCall(state: Partial<CallState>) {
  giveDevices();
  localStorage.setItem('dragoman.preferences', '{"name": "Ben", "consent": true}');
  const api = new ForgetfulApi();
  const call = new FakeCall(state);
  const opened: CallOptions[] = [];
  const view = showPage(<RoomPage room={ROOM.room} />, {
    api,
    openCall: (options) => {
      opened.push(options);
      return call;
    },
  });
  await view.user.click(await screen.findByRole('button', { name: 'Join' }));
  const controls = await screen.findByRole('navigation', { name: 'Controls' });
  return { api, call, controls, options: opened[0], user: view.user };
}

async function cameBack(state: Partial<CallState>) {
  const view = await inCall(state);
  const renewed = await act(async () => view.options?.renew(new AbortController().signal));
  return { ...view, renewed };
}

test('consent is withdrawn, and captions and a practice speaker are asked for, as who one is now', async () => {
  const { api, controls, options, renewed, user } = await cameBack({ people: [ME] });

  await options?.fetchCaptions('en', 7);
  await user.click(screen.getByRole('button', { name: 'Add a practice speaker' }));
  await user.click(screen.getByRole('button', { name: 'Language' }));
  await user.click(await screen.findByRole('switch', { name: /Interpret my voice/ }));

  expect(renewed?.token).toBe('token p-2');
  expect(api.proofs).toEqual(['captions by p-2.proof', 'practice by p-2.proof', 'choices of p-2 by p-2.proof']);
  expect(controls.isConnected).toBe(true);
});

test('a page that comes back by itself asks for the call it was in, and for no other', async () => {
  const { api } = await cameBack({ people: [ME, AN] });

  const joins = api.calls.filter(({ name }) => name === 'join').map(({ args }) => args.slice(3));
  expect(joins).toEqual([
    [null, false],
    ['p-1.proof', true],
  ]);
});

test('the page of a host waits before no door of theirs where the server would let them wait', async () => {
  const { api, options } = await inCall({ people: [ME, AN] });
  writeHostSecret(localStorage, ROOM.room, 'host-proof');
  vi.spyOn(api, 'join').mockResolvedValueOnce({ ticket: 'place', position: 1 });

  const renewed = await act(async () => options?.renew(new AbortController().signal));

  expect(renewed?.token).toBe('token p-2');
  expect(api.calls.at(-2)).toEqual({ name: 'leaveLobby', args: [ROOM.room, 'place'] });
  expect(api.calls.at(-1)?.args.slice(3)).toEqual(['host-proof', true]);
});

test('who hosts beside the host does so as who one is now', async () => {
  const { api, user } = await cameBack({ people: [{ ...ME, isCohost: true }, AN] });

  await user.click(screen.getByRole('button', { name: 'More' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Lock the room' }));

  await waitFor(() => expect(api.calls).toContainEqual({ name: 'lockRoom', args: [ROOM.room, 'p-2.proof', true] }));
});

describe('before the door of its call once more', () => {
  async function waiting() {
    const view = await inCall({ people: [ME, AN], phase: 'reconnecting' });
    const over = new AbortController();
    view.api.line = { ticket: 'place', position: 2 };
    const ended = view.options?.renew(over.signal).catch(codeOf);
    await screen.findByText('Your place in the line: 2');
    return { ...view, over, ended };
  }

  test('a page says that it waits, and whoever leaves the line leaves the call', async () => {
    const { api, call, over, ended, user } = await waiting();

    await user.click(screen.getByRole('button', { name: 'Leave' }));
    over.abort();

    expect(call.getState().end).toBe('left');
    expect(await ended).toBe('lobby_left');
    expect(api.calls).toContainEqual({ name: 'leaveLobby', args: [ROOM.room, 'place'] });
    expect(await screen.findByRole('heading', { name: 'You left the call' })).toBeTruthy();
  });

  test('a page that is let in is in the call again, with the choices that counted', async () => {
    const { api, options, user } = await cameBack({ people: [ME, AN] });
    await user.click(screen.getByRole('button', { name: 'Language' }));
    await user.click(await screen.findByRole('switch', { name: /Interpret my voice/ }));
    await user.keyboard('{Escape}');
    api.line = { ticket: 'place', position: 2 };
    api.lobbyAnswers = [{ state: 'admitted', joined: ticketFor('Ben', WITHDRAWN) }];

    const ended = options?.renew(new AbortController().signal);
    await screen.findByText('Your place in the line: 2');
    await ended;
    await user.click(await screen.findByRole('button', { name: 'Language' }));

    const consent = await screen.findByRole<HTMLInputElement>('switch', { name: /Interpret my voice/ });
    expect(consent.checked).toBe(false);
  });
});
