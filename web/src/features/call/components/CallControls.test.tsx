/** What is pressed in a call beside the bar's own switches: views, captions, devices, the shared screen. */
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { CallState } from '../../../call/callState';
import { ROOM } from '../../../testing/fakeApi';
import { captionWith, FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { showPage } from '../../../testing/page';
import { RoomPage } from './RoomPage';

const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true });
const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', reads: 'vi', listens: 'vi', colour: 1 });
const EVA = personWith({ identity: 'p-eva', name: 'Eva', colour: 2 });

async function inCall(state: Partial<CallState> = { people: [ME, AN, EVA] }, devices: Parameters<typeof giveDevices>[0] = {}) {
  giveDevices(devices);
  localStorage.setItem('dragoman.preferences', '{"name": "Ben"}');
  const call = new FakeCall(state);
  const view = showPage(<RoomPage room={ROOM.room} />, { openCall: () => call });
  await view.user.click(await screen.findByRole('button', { name: 'Join' }));
  await screen.findByRole('navigation', { name: 'Controls' });
  const more = async (item: string) => {
    await view.user.click(screen.getByRole('button', { name: 'More' }));
    await view.user.click(await screen.findByRole('menuitem', { name: item }));
  };
  return { call, more, ...view };
}

/** Names of the tiles in a list, such as the stage. */
function tilesIn(list: string): string[] {
  const found = within(screen.getByRole('list', { name: list })).getAllByRole('listitem');
  return found.map((tile) => tile.getAttribute('aria-label')?.split(/[ ,]/)[0] ?? '');
}

function preferences(): Record<string, unknown> {
  return JSON.parse(localStorage.getItem('dragoman.preferences') ?? '{}') as Record<string, unknown>;
}

class FakeScreen {
  shownIn: unknown = null;
  attach(element: HTMLMediaElement) {
    this.shownIn = element;
    return element;
  }
  detach(element: HTMLMediaElement) {
    this.shownIn = null;
    return element;
  }
}

describe('the stage', () => {
  test('shows who speaks large in the speaker view, follows the voice, and all alike in the grid again', async () => {
    const { call, more } = await inCall({ people: [ME, AN, EVA], activeSpeaker: 'p-an' });
    const grid = tilesIn('People in the call');

    await more('Speaker view');
    const first = [tilesIn('People in the call'), tilesIn('People')];
    call.put({ activeSpeaker: 'p-eva' });
    await waitFor(() => expect(tilesIn('People in the call')).toEqual(['Eva']));
    await more('Grid view');

    expect(grid).toEqual(['An', 'Eva', 'Ben']);
    expect(first).toEqual([['An'], ['Ben', 'Eva']]);
    expect(tilesIn('People in the call')).toEqual(grid);
  });

  test('shows a screen that somebody shares whole and large, with everybody beside it, until it ends', async () => {
    const shared = new FakeScreen();
    const { call } = await inCall({ people: [ME, { ...AN, screen: shared }, EVA] });

    const label = screen.getByRole('listitem', { name: 'An shares the screen' });
    const whileShared = [shared.shownIn === label.querySelector('video'), tilesIn('People')];
    call.put({ people: [ME, AN, EVA] });

    expect(whileShared).toEqual([true, ['Ben', 'An', 'Eva']]);
    await waitFor(() => expect(tilesIn('People in the call')).toEqual(['An', 'Eva', 'Ben']));
    expect(shared.shownIn).toBeNull();
  });
});

describe('sharing a screen', () => {
  test('is begun and ended with one button, which says what it will do', async () => {
    const { call, user } = await inCall({ people: [ME, AN] }, { screens: true });

    await user.click(screen.getByRole('button', { name: /Share your screen/ }));
    call.put({ people: [{ ...ME, screen: new FakeScreen() }, AN] });
    await user.click(await screen.findByRole('button', { name: /Stop sharing/ }));

    expect(call.asked).toEqual(['share on', 'share off']);
    expect(screen.getByRole('listitem', { name: 'You share your screen' })).toBeTruthy();
  });

  test('is not offered where the browser cannot', async () => {
    await inCall();

    expect(screen.queryByRole('button', { name: /Share your screen/ })).toBeNull();
  });

  test('is offered again after a connection that was lost for long', async () => {
    const { call, user } = await inCall({ people: [ME, AN], hints: ['share_lost'] }, { screens: true });

    expect(screen.getByText(/your screen is not shared any more/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Share again' }));

    expect(call.asked).toEqual(['share on']);
  });
});

describe('captions', () => {
  test('are small, medium or large as one likes, and are so the next time', async () => {
    const { user } = await inCall();
    const strip = screen.getByRole('region', { name: 'Captions' });
    await user.click(screen.getByRole('button', { name: 'Captions' }));

    const sizes = [strip.dataset.size];
    for (const name of ['Small', 'Large', 'Medium']) {
      await user.click(await screen.findByRole('radio', { name }));
      sizes.push(`${strip.dataset.size} ${String(preferences().captionSize)}`);
    }

    expect(sizes).toEqual(['M', 'S S', 'L L', 'M M']);
  });

  test('are saved as VTT and TXT with who said what, once there are any', async () => {
    const files: Blob[] = [];
    const names: string[] = [];
    Object.assign(URL, { createObjectURL: (file: Blob) => `blob:${files.push(file)}`, revokeObjectURL: () => undefined });
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download);
    });
    onTestFinished(() => click.mockRestore());
    const { call, user } = await inCall();
    await user.click(screen.getByRole('button', { name: 'Captions' }));
    const before = (await screen.findByRole<HTMLButtonElement>('button', { name: 'Save as VTT' })).disabled;

    call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', final: true, seq: 1, startS: 1, endS: 2 }), 1);
    await waitFor(() => expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save as VTT' }).disabled).toBe(false));
    await user.click(screen.getByRole('button', { name: 'Save as VTT' }));
    await user.click(screen.getByRole('button', { name: 'Save as TXT' }));

    const [vtt, txt] = await Promise.all(files.map(read));
    expect(before).toBe(true);
    expect(names.map((name) => name.replace(/\d/g, '0'))).toEqual(['dragoman-0000-00-00-0000.vtt', 'dragoman-0000-00-00-0000.txt']);
    expect(vtt).toMatch(/^WEBVTT\n[^]*<v An>Good morning\./);
    expect(txt).toContain('An: Good morning.');
  });
});

describe('devices in the call', () => {
  test('are changed at once, and are the ones of the next call', async () => {
    const listed = [
      { kind: 'audioinput', deviceId: 'desk', label: 'Desk microphone' },
      { kind: 'audioinput', deviceId: 'head', label: 'Headset' },
      { kind: 'videoinput', deviceId: 'cam', label: 'Camera of the laptop' },
    ] as const;
    const { call, more, user } = await inCall(undefined, { listed: [...listed] });
    const switched = vi.spyOn(call.room, 'switchActiveDevice').mockResolvedValue(true);
    await more('Devices and sound');
    const dialog = await screen.findByRole('dialog', { name: 'Devices and sound' });

    await user.click(await within(dialog).findByRole('button', { name: /Microphone$/ }));
    await user.click(await screen.findByRole('option', { name: 'Headset' }));

    expect(switched.mock.calls.map(([kind, id]) => [kind, id])).toEqual([['audioinput', 'head']]);
    expect(preferences().microphoneId).toBe('head');
  });

  test('that refuse are said, and are not those of the next call', async () => {
    const listed = [{ kind: 'videoinput', deviceId: 'cam', label: 'Camera on the table' }] as const;
    const { call, more, user } = await inCall(undefined, { listed: [...listed] });
    vi.spyOn(call.room, 'switchActiveDevice').mockRejectedValue(new DOMException('in use', 'NotReadableError'));
    await more('Devices and sound');
    const dialog = await screen.findByRole('dialog', { name: 'Devices and sound' });

    await user.click(await within(dialog).findByRole('button', { name: /Camera$/ }));
    await user.click(await screen.findByRole('option', { name: 'Camera on the table' }));

    await waitFor(() => expect(call.getState().hints).toEqual(['device_refused']));
    expect(preferences().cameraId ?? null).toBeNull();
  });
});

/** jsdom's blobs cannot be read by `text()` in every version. */
function read(file: Blob): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsText(file);
  });
}
