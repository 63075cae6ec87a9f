/** Coming back to a call that knows this page no longer: it is somebody new there, and acts as such from then on. */
import { act, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import type { Choices, Ticket } from '../../../api/types';
import type { CallState } from '../../../call/callState';
import type { CallOptions } from '../../../call/liveKitCall';
import { FakeApi, ROOM, ticketFor } from '../../../testing/fakeApi';
import { FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { showPage } from '../../../testing/page';
import { RoomPage } from './RoomPage';

const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true });
const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', reads: 'vi', listens: 'vi', colour: 1 });

/** Knows nobody of before: whoever joins again is somebody new. Lists with which secret it was spoken to. */
class ForgetfulApi extends FakeApi {
  readonly proofs: string[] = [];
  private joined = 0;

  override join(room: string, name: string, choices: Choices, secretOfBefore: string | null) {
    this.joined += 1;
    const identity = `p-${this.joined}`;
    const ticket: Ticket = { ...ticketFor(name, choices), identity, secret: `${identity}.proof`, token: `token ${identity}` };
    return this.answer('join', [room, name, choices, secretOfBefore], ticket);
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

async function cameBack(state: Partial<CallState>) {
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
  const renewed = await act(async () => opened[0]?.renew());
  return { api, call, controls, options: opened[0], renewed, user: view.user };
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

test('who hosts beside the host does so as who one is now', async () => {
  const { api, user } = await cameBack({ people: [{ ...ME, isCohost: true }, AN] });

  await user.click(screen.getByRole('button', { name: 'More' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Lock the room' }));

  await waitFor(() => expect(api.calls).toContainEqual({ name: 'lockRoom', args: [ROOM.room, 'p-2.proof', true] }));
});
