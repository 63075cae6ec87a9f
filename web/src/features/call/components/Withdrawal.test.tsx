/** Consent that is withdrawn while nobody answers: the switch stays off, and the server is told until it has heard. */
import { act, screen } from '@testing-library/react';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { ApiError, type Choices, type Ticket } from '../../../api/types';
import type { CallOptions } from '../../../call/liveKitCall';
import { FakeApi, ROOM } from '../../../testing/fakeApi';
import { FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { showPage } from '../../../testing/page';
import { RoomPage } from './RoomPage';

const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true });

/** Refuses every choice while it is away. */
class AwayApi extends FakeApi {
  away = false;
  /** Consent, as it was asked for: `off`, or `off, refused`. */
  readonly asked: string[] = [];

  override changeChoices(room: string, ticket: Ticket, change: Partial<Choices>) {
    this.asked.push(`${change.consent ? 'on' : 'off'}${this.away ? ', refused' : ''}`);
    if (this.away) return Promise.reject(new ApiError('room_unavailable', 'away'));
    return super.changeChoices(room, ticket, change);
  }
}

beforeEach(() => {
  giveDevices();
  localStorage.setItem('dragoman.preferences', '{"name": "Ben", "consent": true}');
});

/** In a call, with the switch of consent in sight. */
async function inCall() {
  const api = new AwayApi();
  const call = new FakeCall({ people: [ME] });
  const opened: CallOptions[] = [];
  const view = showPage(<RoomPage room={ROOM.room} />, {
    api,
    openCall: (options) => {
      opened.push(options);
      return call;
    },
  });
  await view.user.click(await screen.findByRole('button', { name: 'Join' }));
  await view.user.click(await screen.findByRole('button', { name: 'Language' }));
  const consent = await screen.findByRole<HTMLInputElement>('switch', { name: /Interpret my voice/ });
  return { api, call, consent, opened, user: view.user };
}

/** In a call whose server is away, with consent just withdrawn. */
async function withdrawn() {
  const there = await inCall();
  there.api.away = true;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  await there.user.click(there.consent);
  return there;
}

/** The same, asked only when it is let go: as on a slow way to the server. */
function answersLate<Asked extends unknown[], Answer>(answer: (...asked: Asked) => Promise<Answer>) {
  let go = () => {};
  const late = async (...asked: Asked) => {
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    return answer(...asked);
  };
  return { late, letGo: () => go() };
}

/** Let the longest wait between two tries pass. */
const pass = () => act(() => vi.advanceTimersByTimeAsync(5_000));

test('stays withdrawn through an outage, and is told until the server has heard', async () => {
  const { api, call, consent } = await withdrawn();
  const during = [consent.checked, screen.queryByText(/the call does not know it yet/) !== null];

  await pass();
  const refused = api.asked.splice(0);
  api.away = false;
  await pass();
  await pass();

  expect(during).toEqual([false, true]);
  expect(new Set(refused)).toEqual(new Set(['off, refused']));
  expect(refused.length).toBeGreaterThan(1);
  expect(api.asked).toEqual(['off']);
  expect(consent.checked).toBe(false);
  expect(call.getState().hints).toEqual([]);
});

test('a call that is joined anew before the server has heard is joined without consent', async () => {
  const { api, opened } = await withdrawn();

  await act(async () => {
    await opened[0]?.renew(new AbortController().signal);
  });

  const [wanted] = api.calls.filter(({ name }) => name === 'join').slice(-1).map(({ args }) => args[2]);
  expect(wanted).toMatchObject({ consent: false });
});

test('who withdraws while they join anew joins once more, without consent', async () => {
  const { api, consent, opened, user } = await inCall();
  const { late, letGo } = answersLate(api.join.bind(api));
  vi.spyOn(api, 'join').mockImplementationOnce(late);
  const renewed = opened[0]?.renew(new AbortController().signal);

  await user.click(consent);
  await vi.waitFor(() => expect(api.asked).toEqual(['off']));
  await act(async () => {
    letGo();
    await renewed;
  });

  const joins = api.calls.filter(({ name }) => name === 'join').map(({ args }) => args[2]);
  expect(joins.slice(1)).toMatchObject([{ consent: true }, { consent: false }]);
});

test('nothing is told any more once consent is given again', async () => {
  const { api, call, consent, user } = await withdrawn();
  api.away = false;

  await user.click(consent);
  await pass();

  expect(api.asked.at(-1)).toBe('on');
  expect(consent.checked).toBe(true);
  expect(call.getState().hints).toEqual([]);
});

test('nothing is told any more once one has left', async () => {
  const { api, call } = await withdrawn();

  await act(() => call.leave());
  const told = api.asked.length;
  await pass();

  expect(api.asked).toHaveLength(told);
});

test('does not come back with a late answer to consent that was given before', async () => {
  localStorage.setItem('dragoman.preferences', '{"name": "Ben"}');
  const { api, consent, user } = await withdrawn();
  api.away = false;
  const { late, letGo } = answersLate(api.changeChoices.bind(api));
  vi.spyOn(api, 'changeChoices').mockImplementationOnce(late);

  await user.click(consent);
  await user.click(consent);
  await act(() => {
    letGo();
    return Promise.resolve();
  });

  expect(consent.checked).toBe(false);
});
