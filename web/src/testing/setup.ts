/** What jsdom lacks and the page needs: sizes that never change, media queries of a wide light window. */
import { cleanup } from '@testing-library/react';
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

globalThis.ResizeObserver ??= StillObserver;
globalThis.AudioContext ??= FakeAudioContext as unknown as typeof AudioContext;
window.matchMedia ??= (query) => {
  const list = new EventTarget() as MediaQueryList;
  return Object.assign(list, { matches: false, media: query, onchange: null });
};
globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') } as typeof CSS;
Element.prototype.scrollTo ??= () => undefined;
HTMLMediaElement.prototype.load = () => undefined;

beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  window.history.replaceState(null, '', '/');
  await startTranslations('en');
});

afterEach(cleanup);
