/** What jsdom lacks and the page needs: sizes that never change, media queries of a wide light window. */
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach } from 'vitest';

import { startTranslations } from '../i18n';
import { FakeAudioContext } from './fakeAudio';

class StillObserver implements ResizeObserver {
  observe(): void {
    // Nothing changes its size here.
  }
  unobserve(): void {
    // Nothing is observed.
  }
  disconnect(): void {
    // Nothing is observed.
  }
}

// The call is loaded when it is opened, which takes seconds on a machine that does much else.
configure({ asyncUtilTimeout: 20_000 });

const MISSING = {
  ResizeObserver: StillObserver,
  AudioContext: FakeAudioContext,
  CSS: { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') },
  matchMedia: (query: string) => Object.assign(new EventTarget(), { matches: false, media: query }),
};
for (const [name, standIn] of Object.entries(MISSING)) {
  if (Reflect.get(window, name) === undefined) Object.defineProperty(window, name, { value: standIn, configurable: true });
}
Element.prototype.scrollTo = () => undefined;
HTMLMediaElement.prototype.load = () => undefined;

beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  window.history.replaceState(null, '', '/');
  await startTranslations('en');
});

afterEach(cleanup);
