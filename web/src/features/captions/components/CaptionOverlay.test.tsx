/** A caption whose translation failed: over the picture and in the history. */
import { act, screen, waitFor } from '@testing-library/react';
import { useSyncExternalStore } from 'react';
import { expect, test } from 'vitest';

import { captionWith, FakeCall, personWith } from '../../../testing/fakeCall';
import { showPage } from '../../../testing/page';
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
