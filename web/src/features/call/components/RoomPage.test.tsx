import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';

import type { CallState } from '../../../call/callState';
import type { CallOptions } from '../../../call/liveKitCall';
import { writeHostSecret } from '../../../call/preferences';
import { FakeApi, ROOM } from '../../../testing/fakeApi';
import { captionWith, FakeCall, personWith } from '../../../testing/fakeCall';
import { giveDevices } from '../../../testing/fakeDevices';
import { faultsIn, showPage } from '../../../testing/page';
import { RoomPage } from './RoomPage';

const ME = personWith({ identity: 'p-me', name: 'Ben', isLocal: true, speaks: 'en', reads: 'en', listens: 'en' });
const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', reads: 'vi', listens: 'vi', colour: 1 });

async function join(state: Partial<CallState> = { people: [ME, AN] }, api = new FakeApi()) {
  giveDevices();
  if (!localStorage.getItem('dragoman.preferences')) localStorage.setItem('dragoman.preferences', '{"name": "Ben"}');
  const call = new FakeCall(state);
  const opened: CallOptions[] = [];
  const openCall = (options: CallOptions) => {
    opened.push(options);
    return call;
  };
  const view = showPage(<RoomPage room={ROOM.room} />, { api, openCall });
  await view.user.click(await screen.findByRole('button', { name: 'Join' }));
  return { call, opened, ...view };
}

async function inCall(state?: Partial<CallState>, api?: FakeApi) {
  const view = await join(state, api);
  await screen.findByRole('navigation', { name: 'Controls' });
  return view;
}

describe('coming in', () => {
  test('a link to a room that is over says so', async () => {
    showPage(<RoomPage room="gone" />, { api: new FakeApi(ROOM, { seeRoom: 'room_not_found' }) });

    expect(await screen.findByRole('heading', { name: 'This call does not exist' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'To the start page' })).toBeTruthy();
  });

  test('a server that does not answer can be asked again', async () => {
    const { user, api } = showPage(<RoomPage room="r" />, { api: new FakeApi(ROOM, { seeRoom: 'unreachable' }) });

    await user.click(await screen.findByRole('button', { name: 'Try again' }));

    expect(api.calls.filter((call) => call.name === 'seeRoom')).toHaveLength(2);
  });

  test('a full and a locked room keep everything that was written', async () => {
    await join({}, new FakeApi(ROOM, { join: 'room_locked' }));

    expect((await screen.findByRole('alert')).textContent).toContain('The room is locked');
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Your name' }).value).toBe('Ben');
  });

  test('who reloads comes back as who they were', async () => {
    sessionStorage.setItem(`dragoman.room.${ROOM.room}`, '{"secret": "p-me.before"}');

    const { api, opened } = await inCall();

    expect(api.calls.find((call) => call.name === 'join')?.args[3]).toBe('p-me.before');
    expect(opened[0]).toMatchObject({ reads: 'en', listens: 'en', underDub: 0.18 });
  });
});

describe('who goes away while the page joins', () => {
  /** Pressed "Join"; what the server, or LiveKit's part of the page, answers is held back until `answer`. */
  async function joining(held: 'join' | 'openCall') {
    giveDevices();
    localStorage.setItem('dragoman.preferences', '{"name": "Ben"}');
    let answer = () => {};
    const released = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const api = new FakeApi();
    const answerJoin = api.join.bind(api);
    const asked = vi.spyOn(api, 'join').mockImplementation(async (...args) => {
      if (held === 'join') await released;
      return answerJoin(...args);
    });
    const call = new FakeCall({ people: [ME, AN] });
    const openCall = vi.fn(async () => {
      if (held === 'openCall') await released;
      return call;
    });
    const view = showPage(<RoomPage room={ROOM.room} />, { api, openCall });
    await view.user.click(await screen.findByRole('button', { name: 'Join' }));
    return { ...view, call, asked, openCall, answer };
  }

  test('opens no call, with no microphone, when the server lets them in', async () => {
    const { answer, asked, openCall, unmount } = await joining('join');
    await waitFor(() => expect(asked).toHaveBeenCalled());

    unmount();
    answer();
    await new Promise((resolve) => setTimeout(resolve, 10));

    expect(openCall).not.toHaveBeenCalled();
  });

  test('leaves a call that opens only then', async () => {
    const { answer, call, openCall, unmount } = await joining('openCall');
    await waitFor(() => expect(openCall).toHaveBeenCalled());

    unmount();
    answer();

    await waitFor(() => expect(call.getState().end).toBe('left'));
  });
});

describe('in the call', () => {
  test('everybody has a tile that says who they are and how they are heard', async () => {
    await inCall({ people: [ME, { ...AN, dubSounding: true, microphoneOn: false }] });

    expect(screen.getByRole('listitem', { name: /An, speaks Vietnamese, muted, translated voice, interpreted/ })).toBeTruthy();
    expect(screen.getByRole('listitem', { name: /Ben \(You\), speaks English/ })).toBeTruthy();
  });

  test('the speaker sees in which languages the others get her', async () => {
    await inCall();

    expect(screen.getByText('Read and heard in Vietnamese')).toBeTruthy();
  });

  test('captions name their speaker, tell final words from provisional ones, and carry the original', async () => {
    const { call } = await inCall();

    call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', final: true, seq: 1, original: 'Chào buổi sáng.' }), 1);
    call.captions.receive(captionWith({ segment: 'b', text: 'The plan is', committedChars: 8 }), 2);

    expect((await screen.findByText('The plan')).textContent).toBe('The plan is');
    const [first, second] = screen.getAllByTestId('cue');
    expect(first?.textContent).toBe('AnGood morning.Chào buổi sáng.');
    expect(second?.querySelector('[class*=provisional]')?.textContent).toBe(' is');
  });

  test('screen readers are told finals politely and partials not at all', async () => {
    const { call, container } = await inCall();

    call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', final: true, seq: 1 }), 1);
    call.captions.receive(captionWith({ segment: 'b', text: 'The plan is' }), 2);
    await screen.findByText('The plan is');

    expect(container.querySelector('[aria-live=polite]')?.textContent).toBe('An: Good morning.');
    expect(screen.getByText('The plan is').closest('[aria-hidden=true]')).toBeTruthy();
  });

  test('the controls do what they say', async () => {
    const { call, user } = await inCall();

    await user.click(screen.getByRole('button', { name: /Mute/ }));
    await user.click(screen.getByRole('button', { name: /Turn camera on/ }));
    await user.click(screen.getByRole('button', { name: /Microphone: Unmute/ }));

    expect(call.asked).toEqual(['microphone off', 'camera on', 'microphone on']);
  });

  test('another language counts at once, and is told to the server', async () => {
    const { call, user, api } = await inCall();

    await user.click(screen.getByRole('button', { name: 'Language' }));
    await user.click(await screen.findByRole('button', { name: /I read$/ }));
    await user.click(await screen.findByRole('option', { name: /Español/ }));

    expect(call.asked[0]).toBe('reads es, hears es');
    await waitFor(() => expect(call.asked).toContain('language counts'));
    expect(api.calls.at(-1)).toEqual({ name: 'changeChoices', args: [ROOM.room, { speaks: 'en', reads: 'es', listens: 'es', voice: 'natural' }] });
  });

  test('another kind of voice counts at once, and what nobody has lent cannot be chosen', async () => {
    const { call, user, api } = await inCall();

    await user.click(screen.getByRole('button', { name: 'Language' }));
    expect((await screen.findByRole<HTMLInputElement>('radio', { name: 'Their own' })).disabled).toBe(true);
    await user.click(screen.getByRole('radio', { name: 'Fast' }));

    expect(call.asked[0]).toBe('reads en, hears en in a fast voice');
    expect(api.calls.at(-1)?.args[1]).toMatchObject({ voice: 'fast' });
    expect(screen.getByText('Nobody here has lent their own voice yet.')).toBeTruthy();
    expect(call.asked).not.toContain('language counts');
  });

  test('a dubbed voice carries its badge, and the menu says which voice it is', async () => {
    const notices = [{ kind: 'voice', speaker: 'p-an', language: 'en', level: 0, reason: 'fallback', wish: 'natural' }];
    const { user } = await inCall({ people: [ME, { ...AN, dubSounding: true }], notices });

    expect(screen.getByText('AI voice')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Options for An' }));
    expect(await screen.findByText('AI voice, plain')).toBeTruthy();
  });

  test('consent is withdrawn with one switch, and the server is told at once', async () => {
    localStorage.setItem('dragoman.preferences', '{"name": "Ben", "consent": true}');
    const { user, api } = await inCall();

    await user.click(screen.getByRole('button', { name: 'Language' }));
    await user.click(await screen.findByRole('switch', { name: /Interpret my voice/ }));

    expect(api.calls.at(-1)).toEqual({ name: 'changeChoices', args: [ROOM.room, { consent: false }] });
    expect(await screen.findByText(/The others hear your own voice only; no program listens/)).toBeTruthy();
  });

  test('lost words are said quietly, never as an empty caption', async () => {
    const { call, container, user } = await inCall();

    call.captions.receive(captionWith({ segment: 'a', text: '', final: true, seq: 1, gap: true }), 1);

    expect((await screen.findByTestId('cue')).textContent).toBe('An(some words were lost)');
    expect(container.querySelector('[aria-live=polite]')?.textContent).toBe('An: (some words were lost)');
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'What was said' }));
    const line = within(await screen.findByRole('list', { name: 'What was said' })).getByRole('listitem');
    expect(line.textContent).toBe('An (some words were lost)');
  });

  test('voice that is left out is said at the top, and that captions stay complete', async () => {
    const { call } = await inCall();

    call.put({ unvoiced: new Set(['1.a']) });

    expect((await screen.findAllByText(/Catching up: some voice is skipped/)).length).toBeGreaterThan(0);
  });

  test('a paused camera and paused pictures of others are both said', async () => {
    await inCall({ people: [ME, { ...AN, cameraOn: true, videoPaused: true }], hints: ['camera_paused'] });

    expect(screen.getByText(/your camera is paused. Your voice goes on/)).toBeTruthy();
    expect(screen.getByText(/Video is paused: weak connection/)).toBeTruthy();
  });

  test('two people of one name are told apart', async () => {
    await inCall({ people: [ME, AN, { ...AN, identity: 'p-an-2', name: 'An (2)', colour: 2 }] });

    expect(screen.getByRole('listitem', { name: /^An, speaks/ })).toBeTruthy();
    expect(screen.getByRole('listitem', { name: /^An \(2\), speaks/ })).toBeTruthy();
  });

  test('who did not agree is shown as original only to those who would need the interpreter', async () => {
    await inCall({ people: [ME, { ...AN, consents: false }] });

    expect(screen.getByRole('listitem', { name: /An, speaks Vietnamese, original only/ })).toBeTruthy();
  });

  test.each<[string, Partial<CallState>, RegExp, string | null]>([
    ['all is well', {}, /, interpreted$/, 'Read and heard in Vietnamese'],
    ['the host leaves somebody out', { people: [{ ...ME, transcribed: false }, { ...AN, transcribed: false }] }, /, original only$/, 'Heard in your own voice only: the host chose not to have you interpreted'],
    ['a host has switched it off', { decided: { interpretation: false, locked: false } }, /, original only$/, 'Heard in your own voice only'],
    ['there is no recognition', { notices: ['p-me', 'p-an'].map((speaker) => ({ speaker, language: null, level: 5, reason: 'recognition_gone' })) }, /, original only$/, 'Heard in your own voice only'],
    ['there is no translation', { notices: ['p-me', 'p-an'].map((speaker) => ({ speaker, language: null, level: 4, reason: 'translation_gone' })) }, /, captions untranslated$/, 'Read untranslated for the moment'],
    ['there is no voice', { notices: [{ speaker: 'p-me', language: null, level: 3, reason: 'voice_gone' }] }, /, interpreted$/, 'Read in Vietnamese'],
  ])('tiles say who is interpreted and how the others get oneself, where %s', async (_, state, ofAn, ofMe) => {
    await inCall({ people: [ME, AN], ...state });

    expect(screen.getByRole('listitem', { name: /^An,/ }).getAttribute('aria-label')).toMatch(ofAn);
    expect(screen.getByRole('listitem', { name: /^Ben/ }).querySelector('p')?.textContent).toBe(ofMe);
  });

  test('tiles say so once the interpreter has been away for a moment, and a speaker is told though they read nobody', async () => {
    const eva = { ...AN, identity: 'p-eva', name: 'Eva', consents: false };
    const { call } = await inCall({ people: [ME, AN, eva] });

    act(() => call.put({ people: [ME, { ...AN, consents: false }, eva], interpreterPresent: false }));

    expect((await screen.findAllByText(/The interpreter is away/)).length).toBeGreaterThan(0);
    expect(screen.getByRole('listitem', { name: /^Ben/ }).querySelector('p')?.textContent).toBe('Heard in your own voice only');
  });

  test('a speaker is told that the others read their words untranslated', async () => {
    await inCall({ people: [ME, { ...AN, consents: false }], notices: [{ speaker: 'p-me', language: 'vi', level: 4, reason: 'translation_gone' }] });

    expect(screen.getAllByText('Others read what you say untranslated for the moment').length).toBeGreaterThan(0);
  });

  test('while it connects, nobody is said to be missing', async () => {
    await inCall({ people: [], phase: 'connecting' });

    expect(screen.getByText('Joining the call')).toBeTruthy();
    expect(screen.queryByText('Nobody else is here yet')).toBeNull();
  });

  test('a choice that the server refuses is taken back, and that is said', async () => {
    const { call, user } = await inCall(undefined, new FakeApi(ROOM, { changeChoices: 'unreachable' }));

    await user.click(screen.getByRole('button', { name: 'Language' }));
    await user.click(await screen.findByRole('switch', { name: /Interpret my voice/ }));

    expect(call.asked.at(-1)).toBe('reads en, hears en');
    expect(await screen.findByText(/did not reach the server/)).toBeTruthy();
  });

  test.each([
    ['refused', new Error('refused')],
    ['answered', null],
  ])('consent that is withdrawn stays withdrawn when a language asked for before is %s late', async (_, fault) => {
    localStorage.setItem('dragoman.preferences', '{"name": "Ben", "consent": true}');
    const api = new FakeApi();
    let answerLate = () => {};
    const answer = api.changeChoices.bind(api);
    api.changeChoices = async (room, ticket, wanted) => {
      if ('reads' in wanted) {
        await new Promise<void>((resolve) => {
          answerLate = resolve;
        });
        if (fault) throw fault;
      }
      return answer(room, ticket, wanted);
    };
    const { user } = await inCall(undefined, api);
    await user.click(screen.getByRole('button', { name: 'Language' }));
    await user.click(await screen.findByRole('button', { name: /I read$/ }));
    await user.click(await screen.findByRole('option', { name: /Español/ }));
    await user.click(await screen.findByRole('switch', { name: /Interpret my voice/ }));
    await screen.findByText(/The others hear your own voice only/);

    await act(() => {
      answerLate();
      return Promise.resolve();
    });

    const said = screen.queryByText(/did not reach the server/);
    expect(Boolean(said)).toBe(Boolean(fault));
    expect(screen.getByText(/The others hear your own voice only/)).toBeTruthy();
  });

  test('original, dub or both is chosen on the tile', async () => {
    const { call, user } = await inCall();

    await user.click(screen.getByRole('button', { name: 'Options for An' }));
    await user.click(await screen.findByRole('radio', { name: 'Original only' }));

    expect(call.hearingOf('p-an')).toEqual({ mode: 'original', underDub: 0.18 });
  });

  test('what was chosen for a speaker is kept over a reload', async () => {
    const { opened } = await inCall();
    opened[0]?.onHearings(new Map([['p-an', { mode: 'dub', underDub: 0.4 }]]));
    cleanup();

    const again = await inCall();

    expect(Object.fromEntries(again.opened[0]?.hearings ?? [])).toEqual({ 'p-an': { mode: 'dub', underDub: 0.4 } });
    expect(again.opened[0]?.directions).toEqual(ROOM.directions);
  });

  test('screen readers are told of captions that are hidden too', async () => {
    localStorage.setItem('dragoman.preferences', '{"name": "Ben", "captionsOn": false}');
    const { call } = await inCall();

    call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', final: true, seq: 1 }), 1);

    expect(await within(screen.getByRole('log')).findByText('Good morning.')).toBeTruthy();
    expect(screen.queryByRole('region', { name: 'Captions' })).toBeNull();
  });

  test('only the host finds what only the host may do', async () => {
    const { user } = await inCall();
    await user.click(screen.getByRole('button', { name: 'More' }));
    await screen.findByRole('menuitem', { name: 'People' });

    expect(screen.queryByRole('menuitem', { name: 'Lock the room' })).toBeNull();
  });

  test('the host locks the room, and ends the call only after being asked', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-secret');
    const { user, api } = await inCall();

    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Lock the room' }));
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'End the call for all' }));
    const before = api.calls.map((call) => call.name);
    await user.click(await screen.findByRole('button', { name: 'End the call' }));

    expect(api.calls).toContainEqual({ name: 'lockRoom', args: [ROOM.room, 'host-secret', true] });
    expect(before).not.toContain('endRoom');
    expect(api.calls.at(-1)).toEqual({ name: 'endRoom', args: [ROOM.room, 'host-secret'] });
  });

  test('a lock that another host decided shows to every host, and can be taken away', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-secret');
    const { api, call, user } = await inCall();

    act(() => call.put({ decided: { interpretation: true, locked: true } }));
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Unlock the room' }));

    expect(api.calls).toContainEqual({ name: 'lockRoom', args: [ROOM.room, 'host-secret', false] });
  });

  test('interpretation that a host has switched off is said to everybody, until it is on again', async () => {
    const { call } = await inCall();
    const said = () => screen.queryAllByText('Captions and translated voices are off in this call').length > 0;

    act(() => call.put({ decided: { interpretation: false, locked: false } }));
    const off = said();
    act(() => call.put({ decided: { interpretation: true, locked: false } }));

    expect([off, said()]).toEqual([true, false]);
  });

  test('that it is off is neither good nor bad: its dot is neutral', async () => {
    const { call } = await inCall();

    act(() => call.put({ decided: { interpretation: false, locked: false } }));

    const said = screen.getAllByText('Captions and translated voices are off in this call');
    expect(said.map(({ dataset }) => dataset.tone)).toContain('neutral');
  });

  test('the host who puts somebody out reads what holds, and may lock the room with it', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-secret');
    const { user, api } = await inCall();
    await user.click(screen.getByRole('button', { name: 'Options for An' }));
    await user.click(await screen.findByRole('button', { name: 'Remove from the call' }));
    const question = within(await screen.findByRole('dialog', { name: 'Remove An from the call?' }));

    expect(question.getByText(/From another one they can still use the link, unless the room is locked/)).toBeTruthy();
    await user.click(question.getByRole('switch', { name: /Lock the room as well/ }));
    await user.click(question.getByRole('button', { name: 'Remove from the call' }));

    expect(api.calls.slice(-2)).toEqual([
      { name: 'lockRoom', args: [ROOM.room, 'host-secret', true] },
      { name: 'remove', args: [ROOM.room, 'host-secret', 'p-an'] },
    ]);
  });

  test('putting somebody out alone leaves the room open, and a locked one is not locked again', async () => {
    writeHostSecret(localStorage, ROOM.room, 'host-secret');
    const { call, user, api } = await inCall();
    const ask = async () => {
      await user.click(screen.getByRole('button', { name: 'Options for An' }));
      await user.click(await screen.findByRole('button', { name: 'Remove from the call' }));
      return within(await screen.findByRole('dialog', { name: 'Remove An from the call?' }));
    };

    await user.click((await ask()).getByRole('button', { name: 'Remove from the call' }));
    act(() => call.put({ decided: { interpretation: true, locked: true } }));
    const question = await ask();

    expect(api.calls.filter(({ name }) => name === 'lockRoom')).toEqual([]);
    expect(question.queryByRole('switch')).toBeNull();
  });

  test('who is alone gets the link and a practice speaker', async () => {
    const { user, api } = await inCall({ people: [ME] });

    await user.click(screen.getByRole('button', { name: 'Add a practice speaker' }));

    expect(api.calls.at(-1)).toEqual({ name: 'addPracticeSpeaker', args: [ROOM.room, 'vi'] });
    expect(await screen.findByText(/practice speaker is on the way/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Add a practice speaker' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Copy the link' })).toBeTruthy();
  });

  test('a practice speaker is awaited only until they are there', async () => {
    const { call, user } = await inCall({ people: [ME] });
    await user.click(screen.getByRole('button', { name: 'Add a practice speaker' }));
    await screen.findByText(/practice speaker is on the way/);

    call.put({ people: [ME, { ...AN, identity: 'practice-1', name: 'Practice speaker' }] });

    await waitFor(() => expect(screen.queryByText(/on the way/)).toBeNull());
    expect(screen.getByRole('listitem', { name: /^Practice speaker, speaks/ })).toBeTruthy();

    call.put({ people: [ME] });

    expect(await screen.findByRole('button', { name: 'Add a practice speaker' })).toBeTruthy();
    expect(screen.queryByText(/on the way/)).toBeNull();
  });

  test('a practice speaker who did not come can be asked for again', async () => {
    const { user } = await inCall({ people: [ME] }, new FakeApi(ROOM, { addPracticeSpeaker: 'unreachable' }));

    await user.click(screen.getByRole('button', { name: 'Add a practice speaker' }));

    expect(await screen.findByText(/No practice speaker came/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Add a practice speaker' })).toBeTruthy();
  });

  test('captions of people nobody knows any more say so, practice speakers keep their name', async () => {
    const { call, user } = await inCall();
    call.captions.addHistory([
      captionWith({ segment: 'a', speaker: 'p-gone', text: 'Good morning.', final: true, seq: 1 }),
      captionWith({ segment: 'b', speaker: 'practice-1', text: 'Good evening.', final: true, seq: 2 }),
    ]);

    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'What was said' }));

    const list = await screen.findByRole('list', { name: 'What was said' });
    expect(within(list).getAllByRole('listitem').map((line) => line.textContent)).toEqual([
      'Somebody who left · VIGood morning.',
      'Practice speakerGood evening.',
    ]);
  });

  test('where the browser does not let a page copy, the link is selected to be copied by hand', async () => {
    const { user } = await inCall();
    Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'People' }));

    await user.click(screen.getByRole('button', { name: 'Copy the link' }));

    const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Link to this call' });
    await waitFor(() => expect(field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0)).toBe(ROOM.link));
    expect(screen.getByText(/The link is selected/)).toBeTruthy();
  });

  test('what was said and who is there stand in the drawer', async () => {
    const { call, user } = await inCall();
    call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', final: true, seq: 1 }), 1);

    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'What was said' }));
    const line = await screen.findByText('Good morning.', { selector: 'ol p' });
    await user.click(screen.getByRole('tab', { name: 'People 2' }));

    expect(line).toBeTruthy();
    expect(screen.getByText('speaks Vietnamese · hears Vietnamese')).toBeTruthy();
  });
});

describe('when something is wrong', () => {
  test('a lost connection shows in the line at the top', async () => {
    await inCall({ people: [ME, AN], phase: 'reconnecting' });

    expect(screen.getAllByText('Reconnecting …').length).toBeGreaterThan(0);
  });

  test('a lower step of the ladder is said in plain words', async () => {
    await inCall({ people: [ME, AN], notices: [{ speaker: 'p-an', language: null, level: 5, reason: 'recognition_gone' }] });

    expect(screen.getAllByText('Captions and voice are paused: you hear the original').length).toBeGreaterThan(0);
  });

  test('one speaker too many is named, and that the others are interpreted', async () => {
    const eva = { ...AN, identity: 'p-eva', name: 'Eva' };
    await inCall({ people: [ME, AN, eva], notices: [{ speaker: 'p-eva', language: null, level: 5, reason: 'capacity' }] });

    expect(screen.getAllByText('Eva: original only for the moment. The others are interpreted').length).toBeGreaterThan(0);
  });

  test('a browser that gets no media is told what to do while it tries on', async () => {
    await inCall({ people: [], phase: 'connecting', hints: ['no_media'] });

    expect(screen.getByRole('alert').textContent).toContain('could not reach the media server');
    expect(screen.getAllByText('Connecting …').length).toBeGreaterThan(0);
    expect(screen.getByRole('button', { name: 'Leave' })).toBeTruthy();
  });

  test('a denied microphone in the call can be tried again', async () => {
    const { call, user } = await inCall({ people: [{ ...ME, microphoneOn: false }, AN], hints: ['microphone_denied'] });

    await user.click(screen.getByRole('button', { name: 'Try again' }));

    expect(call.asked).toEqual(['microphone on']);
    expect(screen.queryByText(/does not let this page/)).toBeNull();
  });

  test('being muted by the host is said, and can be undone', async () => {
    const { call, user } = await inCall({ people: [{ ...ME, microphoneOn: false }, AN], hints: ['muted_by_host'] });

    await user.click(screen.getByRole('button', { name: 'Turn on' }));

    expect(call.asked).toEqual(['microphone on']);
  });

  test.each([
    ['ended_by_host', 'The call is over', null],
    ['ended_by_plan', 'The time of this call is over', null],
    ['removed', 'You are no longer in this call', null],
    ['elsewhere', 'This call goes on in another window', 'Use it here'],
    ['room_gone', 'This call does not exist', null],
    ['room_full', 'The call is full', 'Join again'],
    ['room_full_by_plan', 'The call is full', 'Join again'],
    ['room_locked', 'The room is locked', 'Join again'],
    ['lobby_refused', 'You were not let in', 'Join again'],
    ['not_allowed', 'You cannot join this call', null],
    ['lost', 'The connection was lost', 'Join again'],
  ] as const)('the end %s has words and a way on', async (end, title, way) => {
    const { container } = await join({ people: [ME, AN], phase: 'ended', end });

    expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
    expect(document.activeElement?.textContent).toBe(title);
    expect(screen.getByRole('link', { name: 'To the start page' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Join again' }) ?? screen.queryByRole('button', { name: 'Use it here' })).toEqual(
      way ? screen.getByRole('button', { name: way }) : null,
    );
    expect(await faultsIn(container)).toEqual([]);
  });

  test('a plan that ends the call soon is told with what helps, and once more in the last minute', async () => {
    const { call, user } = await inCall({ people: [ME, AN], endsAtMs: Date.now() + 5 * 60_000 });

    const soon = screen.getByText(/^This call ends at .*plan of the room’s owner.*Start a new call.*larger plan/);
    await user.click(screen.getByRole('button', { name: 'Close' }));
    const closed = screen.queryByText(/This call ends/);
    act(() => call.put({ endsAtMs: Date.now() + 50_000 }));

    expect([soon.closest('[role]')?.getAttribute('role'), closed]).toEqual(['status', null]);
    expect(await screen.findByText(/^This call ends in a minute: the plan/)).toBeTruthy();
  });

  test('a call without such an end says nothing of one', async () => {
    await inCall();

    expect(screen.queryByText(/This call ends/)).toBeNull();
  });

  test('in a room that lasts, a call that a plan ended begins again by the same link', async () => {
    const { api, user } = await join({ people: [ME, AN], phase: 'ended', end: 'ended_by_plan' }, new FakeApi({ ...ROOM, title: 'Weekly' }));

    await user.click(await screen.findByRole('button', { name: 'Join again' }));

    expect(screen.getByText(/limits how many minutes/)).toBeTruthy();
    await waitFor(() => expect(api.calls.filter((it) => it.name === 'join')).toHaveLength(2));
  });

  test('a lost call is joined again by itself when the network is back, as who one was', async () => {
    const { api } = await join({ people: [ME, AN], phase: 'ended', end: 'lost' });
    await screen.findByRole('heading', { name: 'The connection was lost' });

    window.dispatchEvent(new Event('online'));

    await waitFor(() => expect(api.calls.filter((call) => call.name === 'join')).toHaveLength(2));
    expect(api.calls.at(-1)?.args.slice(3)).toEqual(['p-me.proof', true]);
  });

  test('nothing but a button begins another call of a room that lasts, whose call ended meanwhile', async () => {
    const { api, user } = await join({ people: [ME, AN], phase: 'ended', end: 'lost' }, new FakeApi({ ...ROOM, title: 'Weekly' }));
    await screen.findByRole('heading', { name: 'The connection was lost' });
    api.refusals.join = 'room_not_found';

    window.dispatchEvent(new Event('online'));
    const said = (await screen.findByRole('alert')).textContent;
    delete api.refusals.join;
    await user.click(screen.getByRole('button', { name: 'Join again' }));

    const asked = () => api.calls.filter((call) => call.name === 'join').map((call) => call.args[4]);
    expect(said).toContain('The call you were in is over');
    await waitFor(() => expect(asked()).toEqual([false, true, false]));
  });

  test('a call that ended while the page was away is over, and the next one is a button away where the link stays good', async () => {
    const { api, user } = await join({ people: [ME, AN], phase: 'ended', end: 'room_gone' }, new FakeApi({ ...ROOM, title: 'Weekly' }));

    expect(await screen.findByRole('heading', { name: 'The call you were in is over' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Join again' }));

    await waitFor(() => expect(api.calls.filter((it) => it.name === 'join')).toHaveLength(2));
  });

  test('leaving leads to a page from which one can come back', async () => {
    const { user } = await inCall();

    await user.click(screen.getByRole('button', { name: 'Leave' }));
    await user.click(await screen.findByRole('button', { name: 'Join again' }));

    expect(await screen.findByRole('heading', { name: 'Ready to join?' })).toBeTruthy();
  });
});

describe('for everybody', () => {
  test('axe finds nothing serious in the call, with its drawer open', async () => {
    const { call, user, baseElement } = await inCall();
    call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', final: true, seq: 1 }), 1);
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'People' }));

    expect(await faultsIn(baseElement)).toEqual([]);
  });

  test('every control is reached by keyboard, in the order they stand', async () => {
    const { user } = await inCall();
    const bar = screen.getByRole('navigation', { name: 'Controls' });
    bar.querySelector('button')?.focus();

    const names: string[] = [];
    while (bar.contains(document.activeElement)) {
      names.push(document.activeElement?.getAttribute('aria-label') ?? '');
      await user.tab();
    }

    expect(names).toEqual(['Microphone: Mute', 'Camera: Turn camera on', 'Captions', 'Language', 'More', 'Leave']);
  });
});
