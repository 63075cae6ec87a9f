import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';

import type { Part } from '../../../api/paging';
import type { Member } from '../../../api/teams';
import { readHostSecret } from '../../../call/preferences';
import { LAN, PLANNED, WEEKLY } from '../../../testing/fakeAccounts';
import { fakeSite, faultsIn, visit } from '../../../testing/page';

describe('my rooms', () => {
  test('a room says when it is used next and who is in it, and its call is begun as its host', async () => {
    const api = fakeSite();
    api.rooms = [{ ...WEEKLY, live: { people: 2 } }];
    const { user, container } = await visit('/', api);
    await screen.findByText('Live · 2 people');
    const faults = await faultsIn(container);

    const rooms = screen.getByRole('list', { name: 'My rooms' });
    await user.click(within(rooms).getByRole('button', { name: 'Join' }));

    await waitFor(() => expect(window.location.pathname).toBe(`/r/${WEEKLY.id}`));
    expect(readHostSecret(localStorage, WEEKLY.id)).toBe('host-proof');
    expect(faults).toEqual([]);
  });

  test('no rooms, and a list that could not be loaded, say what to do', async () => {
    const api = fakeSite();
    api.rooms = [];
    const { unmount } = await visit('/', api);
    expect(await screen.findByText('No rooms yet')).toBeTruthy();
    unmount();

    const failing = fakeSite({ myRooms: 'unreachable' });
    const { user } = await visit('/', failing);
    await user.click(await screen.findByRole('button', { name: 'Try again' }));

    expect(failing.calls.filter(({ name }) => name === 'myRooms')).toHaveLength(2);
  });

  test('a new room has a title, and perhaps a waiting room', async () => {
    const { user, api } = await visit('/');
    await user.click(await screen.findByRole('button', { name: 'New room' }));
    await user.type(await screen.findByLabelText('Title'), 'Lessons');
    await user.click(screen.getByRole('switch', { name: 'Waiting room' }));
    await user.click(screen.getByRole('button', { name: 'Make the room' }));

    await waitFor(() => expect(window.location.pathname).toBe(`/rooms/${WEEKLY.id}`));
    expect(api.calls).toContainEqual({ name: 'makeMyRoom', args: [{ title: 'Lessons', lobby: true }] });
  });

  test('a limit of the plan is said with the words of the server', async () => {
    const { user } = await visit('/', fakeSite({ makeRoom: 'limit_reached' }));

    await user.click(await screen.findByRole('button', { name: 'Call now' }));

    expect((await screen.findByRole('alert')).textContent).toContain('Your plan does not allow more');
  });
});

describe('the settings of a room', () => {
  test('a switch counts at once', async () => {
    const { user, api } = await visit(`/rooms/${WEEKLY.id}`);

    await user.click(await screen.findByRole('switch', { name: 'Waiting room' }));

    expect(api.calls).toContainEqual({ name: 'changeMyRoom', args: [WEEKLY.id, { lobby: true }] });
  });

  test('a meeting is planned by the clock on the wall of its time zone', async () => {
    const { user, api, container } = await visit(`/rooms/${WEEKLY.id}`);
    await user.click(await screen.findByRole('button', { name: 'Plan a meeting' }));
    await user.click(screen.getByRole('button', { name: 'Plan it' }));

    const list = await screen.findByRole('list', { name: 'Meetings' });
    const [meeting] = api.calls.find(({ name }) => name === 'addMeeting')?.args.slice(1) ?? [];
    expect(meeting).toMatchObject({ minutes: 60, weeklyUntil: null, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    expect((meeting as { startsLocal: string }).startsLocal).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00$/);
    expect(within(list).getAllByRole('listitem')).toHaveLength(1);
    expect(await faultsIn(container)).toEqual([]);
  });

  test('a planned meeting is put at another time, and the rest of it stays', async () => {
    const api = fakeSite();
    api.planned = [PLANNED];
    const { user } = await visit(`/rooms/${WEEKLY.id}`, api);
    await user.click(await screen.findByRole('button', { name: /^Change: / }));
    const form = within(await screen.findByRole('dialog', { name: 'Change the meeting' }));
    const time = form.getByLabelText<HTMLInputElement>('Time');
    expect(time.value).toBe('16:30');
    fireEvent.change(time, { target: { value: '17:15' } });
    const faults = await faultsIn(document.body);
    await user.click(form.getByRole('button', { name: 'Save' }));

    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(api.calls).toContainEqual({
      name: 'changeMeeting',
      args: [WEEKLY.id, PLANNED.id, { startsLocal: '2026-12-01T17:15', timeZone: 'Asia/Ho_Chi_Minh', minutes: 50, weeklyUntil: '2026-12-29', slots: 3 }],
    });
    expect(screen.getByText(/3 speakers kept free/)).toBeTruthy();
    expect(faults).toEqual([]);
  });

  test('a weekly meeting becomes one that is held once', async () => {
    const api = fakeSite();
    api.planned = [PLANNED];
    const { user } = await visit(`/rooms/${WEEKLY.id}`, api);
    await user.click(await screen.findByRole('button', { name: /^Change: / }));
    await user.click(await screen.findByRole('switch', { name: 'Every week' }));
    await user.click(screen.getByRole('button', { name: 'Save' }));

    expect(await screen.findByText(/ · once · /)).toBeTruthy();
  });

  test('a change that is refused is said where it was asked for', async () => {
    const api = fakeSite({ changeMeeting: 'slots_taken' });
    api.planned = [PLANNED];
    const { user } = await visit(`/rooms/${WEEKLY.id}`, api);
    await user.click(await screen.findByRole('button', { name: /^Change: / }));
    const form = within(await screen.findByRole('dialog', { name: 'Change the meeting' }));
    await user.click(form.getByRole('button', { name: 'Save' }));

    expect((await form.findByRole('alert')).textContent).toContain('taken at that time');
  });

  test('whoever manages the room keeps speakers free, as many as the server carries', async () => {
    const { user, api } = await visit(`/rooms/${WEEKLY.id}`);
    await user.click(await screen.findByRole('button', { name: 'Plan a meeting' }));
    const slots = await screen.findByLabelText('Speakers kept free');
    await user.clear(slots);
    await user.type(slots, '13');
    await user.click(screen.getByRole('button', { name: 'Plan it' }));
    expect(await screen.findByText('A number from 0 to 12.')).toBeTruthy();
    expect(api.calls.some(({ name }) => name === 'addMeeting')).toBe(false);

    await user.type(slots, '{Backspace}{Backspace}4');
    await user.click(screen.getByRole('button', { name: 'Plan it' }));

    expect(await screen.findByText(/4 speakers kept free/)).toBeTruthy();
  });

  test('where nobody knows how many speakers the server carries none are asked for', async () => {
    const api = fakeSite();
    api.rooms = [{ ...WEEKLY, mostSlots: null }];
    const { user } = await visit(`/rooms/${WEEKLY.id}`, api);
    await user.click(await screen.findByRole('button', { name: 'Plan a meeting' }));

    expect(await screen.findByLabelText('Time')).toBeTruthy();
    expect(screen.queryByLabelText('Speakers kept free')).toBeNull();
  });

  test('deleting asks back first', async () => {
    const { user, api } = await visit(`/rooms/${WEEKLY.id}`);
    await user.click(await screen.findByRole('button', { name: 'Delete the room' }));
    const question = await screen.findByRole('dialog', { name: /Weekly meeting/ });
    expect(api.calls.some(({ name }) => name === 'deleteMyRoom')).toBe(false);

    await user.click(within(question).getByRole('button', { name: 'Delete the room' }));

    await waitFor(() => expect(window.location.pathname).toBe('/'));
  });

  test('everybody of a large team can become co-host, however long they have been in it', async () => {
    const api = fakeSite();
    const member = api.team.find(({ userId }) => userId !== LAN.id) as Member;
    const parts = [0, 1, 2].map((part) => ({
      items: [{ ...member, userId: `u-${part}`, name: `Colleague ${part}` }],
      next: part < 2 ? `after-${part}` : null,
    }));
    vi.spyOn(api, 'members').mockImplementation((_, cursor) => Promise.resolve(parts[cursor === null ? 0 : Number(cursor.slice(-1)) + 1] as Part<Member>));
    const { user } = await visit(`/rooms/${WEEKLY.id}`, api);

    await user.click(await screen.findByRole('button', { name: /Add a co-host$/ }));

    expect((await screen.findAllByRole('option')).map(({ textContent }) => textContent)).toEqual(
      [0, 1, 2].map((part) => `Colleague ${part} · ${member.email}`),
    );
  });

  test('a colleague becomes co-host', async () => {
    const { user, api } = await visit(`/rooms/${WEEKLY.id}`);
    await user.click(await screen.findByRole('button', { name: /Add a co-host$/ }));
    await user.click(await screen.findByRole('option', { name: /Ben Carter/ }));

    expect(api.calls).toContainEqual({ name: 'addRoomHost', args: [WEEKLY.id, 'u-ben'] });
  });

  describe('for who may not change it', () => {
    const HERS = { ...WEEKLY, owner: { id: 'u-ben', name: 'Ben Carter' }, mine: false, mayManage: false, lobby: true };

    test('are read, and a co-host still begins the call', async () => {
      const api = fakeSite();
      api.rooms = [{ ...HERS, hosts: [{ id: LAN.id, name: LAN.name }] }];
      api.planned = [PLANNED];
      const { container } = await visit(`/rooms/${WEEKLY.id}`, api);
      expect(await screen.findByText('Only Ben Carter and the admins of the team can change this room.')).toBeTruthy();
      await screen.findByRole('list', { name: 'Meetings' });

      expect(screen.getByText('Guests wait until a host lets them in.')).toBeTruthy();
      expect(screen.queryByRole('switch')).toBeNull();
      const buttons = screen.getAllByRole('button').map((button) => button.getAttribute('aria-label') ?? button.textContent);
      expect(buttons.filter((name) => /^save$|plan|change:|co-host|delete/i.test(name))).toEqual([]);
      expect(screen.getByRole('button', { name: 'Start' })).toBeTruthy();
      expect(api.calls.some(({ name }) => name === 'members')).toBe(false);
      expect(await faultsIn(container)).toEqual([]);
    });

    test('a member of the team joins, and does not begin', async () => {
      const api = fakeSite();
      api.rooms = [{ ...HERS, teamId: null }];
      await visit(`/rooms/${WEEKLY.id}`, api);

      expect(await screen.findByText('Only Ben Carter can change this room.')).toBeTruthy();
      expect(screen.getByRole('link', { name: 'Join' }).getAttribute('href')).toBe(`/r/${WEEKLY.id}`);
      expect(screen.queryByRole('button', { name: 'Start' })).toBeNull();
    });

    test('an admin of the team changes and deletes it, and joins as a guest', async () => {
      const api = fakeSite();
      api.rooms = [{ ...HERS, mayManage: true }];
      const { user } = await visit('/', api);
      await user.click(await screen.findByRole('link', { name: WEEKLY.title }));

      expect(await screen.findByRole('switch', { name: 'Waiting room' })).toBeTruthy();
      expect(screen.getByRole('button', { name: 'Delete the room' })).toBeTruthy();
      expect(screen.getByRole('link', { name: 'Join' })).toBeTruthy();
    });
  });
});
