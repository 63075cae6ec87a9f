import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { LAN, TOLD, UNLIMITED } from '../../../testing/fakeAccounts';
import { fakeSite, faultsIn, visit } from '../../../testing/page';

const OPTIONS = { name: `Options for ${TOLD.url}` };

function siteWithWebhook(refusals = {}) {
  const api = fakeSite(refusals);
  api.hooks = [TOLD];
  return api;
}

describe('webhooks of a team', () => {
  test('one is added for the events that were chosen, and its secret is shown once', async () => {
    const { user, api, container } = await visit('/team');
    await user.click(await screen.findByRole('button', { name: 'Add a webhook' }));
    await user.keyboard(TOLD.url);
    await user.click(screen.getByRole('switch', { name: 'Somebody leaves the team' }));
    const faults = await faultsIn(container);
    await user.click(screen.getByRole('button', { name: 'Add it' }));

    expect(await screen.findByText('whsec_secret')).toBeTruthy();
    expect(api.calls).toContainEqual({
      name: 'addWebhook',
      args: ['t-1', TOLD.url, ['room.opened', 'room.ended', 'room.scheduled', 'room.unscheduled', 'member.joined']],
    });
    expect(within(screen.getByRole('list', { name: 'Webhooks' })).getByText(TOLD.url)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'I have kept it' }));
    expect(screen.queryByText('whsec_secret')).toBeNull();
    expect([...faults, ...(await faultsIn(container))]).toEqual([]);
  });

  test('what is no address, and a webhook without events, are not sent', async () => {
    const { user, api } = await visit('/team');
    await user.click(await screen.findByRole('button', { name: 'Add a webhook' }));
    await user.keyboard('example.org');
    const events = within(screen.getByRole('group', { name: 'Tell of' }));
    for (const event of events.getAllByRole('switch')) await user.click(event);
    await user.click(screen.getByRole('button', { name: 'Add it' }));

    expect(await screen.findByText(/Write an address/)).toBeTruthy();
    expect(events.getByText('Choose at least one.')).toBeTruthy();
    expect(api.calls.some(({ name }) => name === 'addWebhook')).toBe(false);
  });

  test('a test is followed until it is known what came of it', async () => {
    const { user, api } = await visit('/team', siteWithWebhook());
    await user.click(await screen.findByRole('button', OPTIONS));
    await user.click(await screen.findByRole('menuitem', { name: 'Send a test' }));
    const sent = within(await screen.findByRole('dialog', { name: 'What was sent' }));
    expect(await sent.findByText('On its way')).toBeTruthy();
    api.sent = api.sent.map((it) => ({ ...it, attempts: 1, status: 204, nextAt: null, deliveredAt: it.createdAt }));

    await user.click(sent.getByRole('button', { name: 'Look again' }));

    expect(await sent.findByText('Delivered')).toBeTruthy();
    expect(sent.getByText(/answered 204/)).toBeTruthy();
    expect(await faultsIn(document.body)).toEqual([]);
  });

  test('what could not be delivered says why, and whether it is tried again', async () => {
    const api = siteWithWebhook();
    const failed = { id: 'd-1', event: 'room.opened', status: null, error: 'too_slow', attempts: 2, createdAt: TOLD.createdAt, deliveredAt: null };
    api.sent = [
      { ...failed, nextAt: '2026-11-20T08:10:00Z' },
      { ...failed, id: 'd-2', event: 'room.moved', error: 'strange', nextAt: null },
    ];
    const { user } = await visit('/team', api);
    await user.click(await screen.findByRole('button', OPTIONS));
    await user.click(await screen.findByRole('menuitem', { name: 'What was sent' }));

    const [again, over] = await screen.findAllByText(/2 tries/);
    expect(again?.textContent).toMatch(/no answer in time · 2 tries · next try/);
    expect(over?.textContent).toMatch(/it did not work · 2 tries$/);
    expect(screen.getByText('room moved')).toBeTruthy();
  });

  test('one is switched off, and deleted after being asked', async () => {
    const { user, api } = await visit('/team', siteWithWebhook());
    await user.click(await screen.findByRole('button', OPTIONS));
    await user.click(await screen.findByRole('menuitem', { name: 'Switch off' }));
    expect(await screen.findByText('Off')).toBeTruthy();
    expect(api.calls).toContainEqual({ name: 'switchWebhook', args: ['t-1', 'w-1', true] });

    await user.click(screen.getByRole('button', OPTIONS));
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }));
    await user.click(await screen.findByRole('button', { name: 'Delete the webhook' }));

    await waitFor(() => expect(screen.queryByText(TOLD.url)).toBeNull());
    expect(api.calls).toContainEqual({ name: 'removeWebhook', args: ['t-1', 'w-1'] });
  });

  test('a plan without the API says so, and what is there can still be switched off', async () => {
    const api = siteWithWebhook();
    api.user = { ...LAN, limits: { ...UNLIMITED, api: false } };
    const { user } = await visit('/team', api);

    expect(await screen.findByText(/Your plan has no webhooks/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Add a webhook' })).toBeNull();
    await user.click(await screen.findByRole('button', OPTIONS));
    expect(await screen.findByRole('menuitem', { name: 'Switch off' })).toBeTruthy();
    expect(screen.queryByRole('menuitem', { name: 'Send a test' })).toBeNull();
  });

  test('a member sees none', async () => {
    const api = siteWithWebhook();
    api.user = { ...LAN, teams: [{ id: 't-1', name: 'Field trips', role: 'member' }] };
    await visit('/team', api);
    await screen.findByRole('region', { name: 'People' });

    expect(screen.queryByRole('region', { name: 'Webhooks' })).toBeNull();
    expect(api.calls.some(({ name }) => name === 'webhooks')).toBe(false);
  });
});
