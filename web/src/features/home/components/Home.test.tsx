import { screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { CAPABILITIES, FakeApi, ROOM } from '../../../testing/fakeApi';
import { faultsIn, showPage } from '../../../testing/page';
import { readHostSecret } from '../../../call/preferences';
import { Home } from './Home';

function showHome(api = new FakeApi()) {
  const opened: string[] = [];
  return { opened, ...showPage(<Home onOpenRoom={(room) => opened.push(room)} />, { api }) };
}

describe('the first page', () => {
  test('one press starts a call, and this browser is its host', async () => {
    const { opened, user } = showHome();

    await user.click(screen.getByRole('button', { name: 'Start a call' }));

    expect(opened).toEqual([ROOM.room]);
    expect(readHostSecret(localStorage, ROOM.room)).toBe('host-secret');
  });

  test('a pasted link leads to its room, whatever of it was pasted', async () => {
    const { opened, user } = showHome();
    const field = screen.getByRole('textbox', { name: 'Join by link' });

    for (const link of [`https://example.org/r/${ROOM.room}?x=1`, `/r/${ROOM.room}`, ROOM.room]) {
      await user.clear(field);
      await user.type(field, `${link}{Enter}`);
    }

    expect(opened).toEqual([ROOM.room, ROOM.room, ROOM.room]);
  });

  test('what is no link is said to be none', async () => {
    const { opened, user } = showHome();

    await user.type(screen.getByRole('textbox', { name: 'Join by link' }), 'hello{Enter}');

    expect(opened).toEqual([]);
    expect(await screen.findByText(/not a link to a call/)).toBeTruthy();
  });

  test('it says what works now, and what models would add with their size', async () => {
    const { user } = showHome();

    expect(await screen.findByText(/Spanish/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /What models would add/ }));

    expect(screen.getByText(/English ↔ Vietnamese, both ways · 358 MB/)).toBeTruthy();
    expect(screen.getByText(/1.2 GB/)).toBeTruthy();
  });

  test('a server that interprets nothing yet says so', async () => {
    showHome(new FakeApi(ROOM, {}, { ...CAPABILITIES, directions: [], offers: [] }));

    expect(await screen.findByText(/interprets nothing yet/)).toBeTruthy();
  });

  test('where making a room takes a password, it is asked for and a wrong one is named', async () => {
    const { user, api } = showHome(new FakeApi(ROOM, { makeRoom: 'not_allowed' }, { ...CAPABILITIES, hostPassword: true }));

    await user.type(await screen.findByLabelText('Host password'), 'wrong');
    await user.click(screen.getByRole('button', { name: 'Start a call' }));

    expect(api.calls).toContainEqual({ name: 'makeRoom', args: ['wrong'] });
    expect(await screen.findByText(/not the host password/)).toBeTruthy();
    // The models are for who is at the machine: asking would only put a refusal into the console.
    expect(api.calls.map((call) => call.name)).not.toContain('models');
  });

  test('the right password is remembered by this tab alone', async () => {
    const api = new FakeApi(ROOM, {}, { ...CAPABILITIES, hostPassword: true });
    const { user, unmount } = showHome(api);
    await user.type(await screen.findByLabelText('Host password'), 'right');
    await user.click(screen.getByRole('button', { name: 'Start a call' }));
    unmount();

    showHome(api);

    expect((await screen.findByLabelText<HTMLInputElement>('Host password')).value).toBe('right');
    expect(JSON.stringify(localStorage)).not.toContain('right');
  });

  test('whoever starts before the password was asked for is asked for it, without blame', async () => {
    const { user } = showHome(new FakeApi(ROOM, { makeRoom: 'not_allowed', capabilities: 'unreachable' }));

    await user.click(screen.getByRole('button', { name: 'Start a call' }));

    expect(await screen.findByText(/takes the host password/)).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Host password'));
  });

  test('a server that does not answer is said in plain words, and the button works again', async () => {
    const { user } = showHome(new FakeApi(ROOM, { makeRoom: 'unreachable', capabilities: 'unreachable' }));

    await user.click(screen.getByRole('button', { name: 'Start a call' }));

    expect((await screen.findByRole('alert')).textContent).toContain('The server does not answer');
    expect(screen.getByRole('button', { name: 'Start a call' }).hasAttribute('disabled')).toBe(false);
  });

  test('axe finds nothing serious', async () => {
    const { container } = showHome();
    await screen.findByText(/Spanish/);

    expect(await faultsIn(container)).toEqual([]);
  });
});
