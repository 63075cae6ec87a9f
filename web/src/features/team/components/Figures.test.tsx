import { screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { LAN, UNLIMITED } from '../../../testing/fakeAccounts';
import { fakeSite, faultsIn, visit } from '../../../testing/page';

describe('figures of a team', () => {
  test('stand day by day', async () => {
    const api = fakeSite();
    api.daysHeld = [
      { day: '2026-11-22', calls: 3, minutes: 1250, mostPeople: 5 },
      { day: '2026-11-20', calls: 1, minutes: 7, mostPeople: 2 },
    ];
    const { container } = await visit('/team', api);
    const rows = within(await screen.findByRole('table', { name: 'Calls' })).getAllByRole('row');

    expect(rows.map((row) => [...row.children].map(({ textContent }) => textContent))).toEqual([
      ['Day', 'Calls', 'Minutes', 'Most people in one'],
      [expect.stringContaining('22'), '3', '1,250', '5'],
      [expect.stringContaining('20'), '1', '7', '2'],
    ]);
    expect(await faultsIn(container)).toEqual([]);
  });

  test('are none yet where no call was held', async () => {
    await visit('/team');

    expect(await screen.findByText('No calls to show yet')).toBeTruthy();
  });

  test('are not asked for by a member, nor on a plan without them', async () => {
    for (const user of [
      { ...LAN, teams: [{ id: 't-1', name: 'Field trips', role: 'member' as const }] },
      { ...LAN, limits: { ...UNLIMITED, analytics: false } },
    ]) {
      const api = fakeSite();
      api.user = user;
      const { unmount } = await visit('/team', api);
      await screen.findByRole('heading', { level: 1, name: 'Field trips' });

      expect(screen.queryByRole('region', { name: 'Calls' })).toBeNull();
      expect(api.calls.some(({ name }) => name === 'figures')).toBe(false);
      unmount();
    }
  });
});
