/** Captions over the picture, in the history, and for screen readers. */
import { act, screen, waitFor, within } from '@testing-library/react';
import { useSyncExternalStore } from 'react';
import { expect, test } from 'vitest';

import { captionWith, FakeCall, personWith } from '../../../testing/fakeCall';
import { showPage } from '../../../testing/page';
import { CaptionLog } from './CaptionLog';
import { CaptionOverlay } from './CaptionOverlay';
import { History } from './History';

const AN = personWith({ identity: 'p-an', name: 'An', speaks: 'vi', colour: 1 });
const ORIGINAL = 'Chào buổi sáng.';

function Both({ call }: { call: FakeCall }) {
  const captions = useSyncExternalStore(call.captions.subscribe, call.captions.getSnapshot);
  const shown = { session: call, captions, state: call.getState() };
  return (
    <>
      <CaptionOverlay {...shown} />
      <History {...shown} reads="en" />
    </>
  );
}

test('a caption whose translation failed shows its original, marked, until the translation comes', async () => {
  localStorage.setItem('dragoman.preferences', '{"originalWords": true}');
  const call = new FakeCall({ people: [AN] });
  showPage(<Both call={call} />);

  act(() => call.captions.receive(captionWith({ segment: 'a', text: ORIGINAL, final: true, seq: 1, untranslated: true }), 1));

  expect((await screen.findByTestId('cue')).textContent).toBe(`Anuntranslated${ORIGINAL}`);
  expect(screen.getByRole('listitem').textContent).toBe(`An${ORIGINAL}untranslated`);

  act(() => call.captions.receive(captionWith({ segment: 'a', text: 'Good morning.', original: ORIGINAL, final: true, seq: 2 }), 2));

  await waitFor(() => expect(screen.getByTestId('cue').textContent).toBe(`AnGood morning.${ORIGINAL}`));
  expect(screen.getByRole('listitem').textContent).toBe(`AnGood morning.${ORIGINAL}`);
});

test('the speaker’s own words under a caption are marked as their language, and run in its direction', async () => {
  const call = new FakeCall({ people: [AN] });
  showPage(<Both call={call} />);

  act(() => call.captions.receive(captionWith({ segment: 'a', text: 'Peace.', sourceLanguage: 'ar', original: 'سلام', final: true, seq: 1 }), 1));

  const own = within(await screen.findByTestId('cue')).getByText('سلام');
  expect([own.lang, own.dir]).toEqual(['ar', 'rtl']);
});

function Log({ call }: { call: FakeCall }) {
  const captions = useSyncExternalStore(call.captions.subscribe, call.captions.getSnapshot);
  return <CaptionLog captions={captions} state={call.getState()} />;
}

test('screen readers are told every final line by line, with who said it and in what language', async () => {
  const call = new FakeCall({ people: [AN] });
  showPage(<Log call={call} />);
  const log = screen.getByRole('log', { name: 'Captions, line by line' });

  act(() => {
    for (const seq of [1, 2, 3]) {
      call.captions.receive(captionWith({ segment: `s${seq}`, text: seq === 2 ? 'No.' : 'Yes.', final: true, seq }), seq);
    }
    call.captions.addHistory([captionWith({ segment: 's4', text: 'Missed.', final: true, seq: 4 })]);
  });

  await waitFor(() => expect([...log.children].map((line) => line.textContent)).toEqual(['An: Yes.', 'An: No.', 'An: Yes.', 'An: Missed.']));
  expect(log.getAttribute('aria-atomic')).toBe('false');
  expect(within(log).getByText('Missed.').lang).toBe('en');
});

test('a line that was told stays the same element, so that it is not told again', async () => {
  const call = new FakeCall({ people: [AN] });
  showPage(<Log call={call} />);
  const log = screen.getByRole('log');
  const say = (seq: number) => act(() => call.captions.addHistory([captionWith({ segment: `s${seq}`, text: `Line ${seq}.`, final: true, seq })]));

  for (const seq of [1, 2, 3, 4, 5, 6]) say(seq);
  const third = await within(log).findByText('Line 3.');
  say(7);

  expect(within(log).getByText('Line 3.')).toBe(third);
  expect(log.children).toHaveLength(5);
});
