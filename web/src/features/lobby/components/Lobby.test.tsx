import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import type { Choices, RoomInfo } from '../../../api/types';
import { ROOM, roomWith } from '../../../testing/fakeApi';
import { giveDevices } from '../../../testing/fakeDevices';
import { faultsIn, showPage } from '../../../testing/page';
import { Lobby } from './Lobby';

function showLobby({ room = ROOM, fault = null }: { room?: RoomInfo; fault?: string | null } = {}) {
  const joined: [string, Choices][] = [];
  const page = <Lobby room={room} joining={false} fault={fault} onJoin={(...join) => joined.push(join)} />;
  return { joined, ...showPage(page) };
}

describe('the lobby', () => {
  test('a name and one press are enough to join, with the languages of the browser', async () => {
    giveDevices();
    const { joined, user } = showLobby();

    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ben');
    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(joined).toEqual([['Ben', { speaks: 'en', reads: 'en', listens: 'en', voice: 'natural', consent: false }]]);
  });

  test('without a name nobody joins, and the field says why', async () => {
    giveDevices();
    const { joined, user } = showLobby();

    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(joined).toEqual([]);
    expect(await screen.findByText(/Write your name/)).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Your name' }));
  });

  test('a language is found by what is typed, and chosen', async () => {
    giveDevices();
    const { joined, user } = showLobby();
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'An');

    await user.click(screen.getByRole('button', { name: /I speak$/ }));
    await user.type(await screen.findByRole('combobox', { name: 'Search languages' }), 'tieng viet');
    await user.click(await screen.findByRole('option', { name: /Tiếng Việt/ }));
    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(joined[0]?.[1].speaks).toBe('vi');
  });

  test('what does not work in this room is shown with its reason and cannot be chosen', async () => {
    giveDevices();
    const { user } = showLobby();

    await user.click(screen.getByRole('button', { name: /I speak$/ }));
    const german = await screen.findByRole('option', { name: /Deutsch/ });

    expect(german.getAttribute('aria-disabled')).toBe('true');
    expect(within(german).getByText(/not recognised here/)).toBeTruthy();
  });

  test('who reads a language without a voice hears the original', async () => {
    giveDevices();
    const { joined, user } = showLobby();
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Léa');

    await user.click(screen.getByRole('button', { name: /I read$/ }));
    await user.click(await screen.findByRole('option', { name: /Français/ }));
    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(joined[0]?.[1]).toMatchObject({ reads: 'fr', listens: 'original' });
  });

  test('whoever does not agree joins all the same, and is told what that means', async () => {
    giveDevices();
    const { joined, user } = showLobby();
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ben');

    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(screen.getByText(/The others hear your own voice only/)).toBeTruthy();
    expect(joined[0]?.[1].consent).toBe(false);
  });

  test('agreeing takes an own act, says what happens to the voice, and is remembered', async () => {
    giveDevices();
    const { joined, user, unmount } = showLobby();
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ben');

    await user.click(screen.getByRole('switch', { name: /Interpret my voice/ }));
    await user.click(screen.getByRole('button', { name: 'Join' }));
    const said = screen.getByText(/turns what you say into text and a translated voice/);
    unmount();
    showLobby();

    expect(said).toBeTruthy();
    expect(joined[0]?.[1].consent).toBe(true);
    expect(screen.getByRole<HTMLInputElement>('switch', { name: /Interpret my voice/ }).checked).toBe(true);
  });

  test('who only listens has nothing to agree to, whatever was agreed before', async () => {
    giveDevices();
    localStorage.setItem('dragoman.preferences', '{"name": "Ben", "consent": true, "chosen": true, "speaks": null, "reads": "en"}');
    const { joined, user } = showLobby();

    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(screen.getByText(/nothing of yours to interpret/)).toBeTruthy();
    expect(joined[0]?.[1]).toMatchObject({ speaks: null, consent: false });
  });

  test('hearing follows reading again once a language with a voice is read', async () => {
    giveDevices();
    const { joined, user } = showLobby();
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Ben');

    for (const language of [/Français/, /Español/]) {
      await user.click(screen.getByRole('button', { name: /I read$/ }));
      await user.click(await screen.findByRole('option', { name: language }));
    }
    await user.click(screen.getByRole('button', { name: 'Join' }));

    expect(joined[0]?.[1]).toMatchObject({ reads: 'es', listens: 'es' });
  });

  test('a denied and a missing microphone are told apart, each with what still works', async () => {
    giveDevices({ microphone: 'NotAllowedError', camera: 'NotFoundError' });
    showLobby();

    expect(await screen.findByText(/does not let this page use the microphone/)).toBeTruthy();
    expect(await screen.findByText(/No camera was found/)).toBeTruthy();
    expect(screen.getAllByRole('button', { name: 'Try again' })).toHaveLength(1);
  });

  test('a browser without any devices (plain http) is told like a refusal', async () => {
    showLobby();

    expect(await screen.findByText(/does not let this page use the microphone/)).toBeTruthy();
  });

  test('leaving the lobby lets go of camera and microphone', async () => {
    const { stopped } = giveDevices();
    const { unmount } = showLobby();
    await screen.findByText(/Say something/);

    unmount();

    await waitFor(() => expect([...stopped].sort()).toEqual(['camera', 'microphone']));
  });

  test('a full room, and one without interpretation, are said in plain words', () => {
    giveDevices();
    showLobby({ room: { ...roomWith({ speaks: [], reads: [], hears: [] }), directions: [] }, fault: 'room_full' });

    expect(screen.getByText(/The call is full/)).toBeTruthy();
    expect(screen.getByText(/not interpreted at the moment/)).toBeTruthy();
  });

  test('axe finds nothing serious', async () => {
    giveDevices();
    const { container } = showLobby();

    expect(await faultsIn(container)).toEqual([]);
  });
});
