import { expect, test } from 'vitest';

import { MediaReach, NO_MEDIA_AFTER_MS } from './mediaReach';

test('a server that answers without media following is told once, over all tries', () => {
  const reach = new MediaReach();
  reach.begin();
  reach.signalled(1_000);
  reach.failed();
  reach.begin();
  reach.signalled(9_000);

  expect(reach.shouldTell(1_000 + NO_MEDIA_AFTER_MS - 1)).toBe(false);
  expect(reach.shouldTell(1_000 + NO_MEDIA_AFTER_MS)).toBe(true);
  expect(reach.shouldTell(90_000)).toBe(false);
});

test('media that come end the wait, and a later break is told again', () => {
  const reach = new MediaReach();
  reach.begin();
  reach.signalled(0);
  reach.connected();
  const connected = reach.shouldTell(60_000);
  reach.begin();
  reach.signalled(70_000);

  expect(connected).toBe(false);
  expect(reach.shouldTell(70_000 + NO_MEDIA_AFTER_MS)).toBe(true);
});

test('a server that does not answer at all is not blamed on its media', () => {
  const reach = new MediaReach();
  reach.begin();
  reach.signalled(0);
  reach.failed();
  reach.begin();
  reach.failed();

  expect(reach.shouldTell(NO_MEDIA_AFTER_MS)).toBe(false);
});
