import { screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { LAN } from '../../../testing/fakeAccounts';
import { fakeSite, faultsIn, visit } from '../../../testing/page';

describe('my account', () => {
  test('every session can be ended but this one, which is marked', async () => {
    const { user, api, container } = await visit('/account');
    const sessions = await screen.findByRole('list', { name: 'Where you are signed in' });
    expect(within(sessions).getByText('This one')).toBeTruthy();
    expect(await faultsIn(container)).toEqual([]);

    await user.click(within(sessions).getByRole('button', { name: 'End: Safari on iOS' }));

    expect(api.calls).toContainEqual({ name: 'endSession', args: ['s-2'] });
    expect(within(sessions).getAllByRole('listitem')).toHaveLength(1);
  });

  test('a new key is shown once', async () => {
    const { user, api } = await visit('/account');
    await user.click(await screen.findByRole('button', { name: 'New key' }));
    await user.type(screen.getByLabelText('What it is for'), 'website');
    await user.click(screen.getByRole('button', { name: 'Make the key' }));
    await screen.findByText('dgm_secret');

    await user.click(screen.getByRole('button', { name: 'I have kept it' }));

    expect(screen.queryByText('dgm_secret')).toBeNull();
    expect(api.calls).toContainEqual({ name: 'addApiKey', args: ['website', 90] });
  });

  test('the account ends with the password only, and says before what goes', async () => {
    const { user, api } = await visit('/account');
    await user.click(await screen.findByRole('button', { name: 'Delete my account' }));
    const question = await screen.findByRole('dialog', { name: 'Delete your account?' });
    expect(within(question).getAllByRole('listitem')).toHaveLength(4);
    const yes = within(question).getByRole('button', { name: 'Delete my account' });
    await user.click(yes);
    expect(api.calls.some(({ name }) => name === 'deleteMe')).toBe(false);

    await user.type(within(question).getByLabelText('Current password'), 'my password');
    await user.click(yes);

    expect(await screen.findByRole('button', { name: 'Sign in' })).toBeTruthy();
    expect(api.calls).toContainEqual({ name: 'deleteMe', args: ['my password'] });
  });

  test('the plan is said in words where plans count', async () => {
    const api = fakeSite();
    api.facts = { ...api.facts, plans: true };
    api.user = { ...LAN, limits: { ...LAN.limits, people: 6 } };
    await visit('/account', api);

    const plan = await screen.findByRole('region', { name: 'Plan: Free' });
    expect(plan.textContent).toContain('People in a call6');
    expect(plan.textContent).toContain('Calls at onceWithout limit');
  });

  test('signing out ends the session here, whatever the server answers', async () => {
    const { user } = await visit('/account', fakeSite({ signOut: 'unreachable' }));
    await user.click(await screen.findByRole('button', { name: 'Signed in as Lan Pham' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));

    expect(await screen.findByLabelText('E-mail')).toBeTruthy();
  });
});

describe('the team', () => {
  test('an invitation is a link, shown once', async () => {
    const { user, api, container } = await visit('/team');
    await user.click(await screen.findByRole('button', { name: 'Invite' }));
    await user.click(screen.getByRole('button', { name: 'Make a link' }));

    expect((await screen.findByLabelText<HTMLInputElement>('Link of the invitation')).value).toContain('/invitation#');
    expect(api.calls).toContainEqual({ name: 'invite', args: ['t-1', null, 'member'] });
    expect(await faultsIn(container)).toEqual([]);
  });

  test('an owner changes what somebody is', async () => {
    const { user, api } = await visit('/team');
    await user.click(await screen.findByRole('button', { name: /change what Ben Carter is/ }));
    await user.click(await screen.findByRole('menuitem', { name: 'Admin' }));

    expect(api.calls).toContainEqual({ name: 'changeRole', args: ['t-1', 'u-ben', 'admin'] });
  });

  test('a member sees neither invitations nor what was done', async () => {
    const api = fakeSite();
    api.user = { ...LAN, teams: [{ id: 't-1', name: 'Field trips', role: 'member' }] };
    await visit('/team', api);
    await screen.findByRole('region', { name: 'People' });

    expect(screen.queryByRole('region', { name: 'Invitations' })).toBeNull();
    expect(api.calls.some(({ name }) => name === 'teamAudit')).toBe(false);
  });
});

describe('the admin', () => {
  test('sees what the machine carries, and which rooms get less', async () => {
    const api = fakeSite();
    api.user = { ...LAN, isAdmin: true };
    const { container } = await visit('/admin', api);

    expect(await screen.findByText('2 of 12')).toBeTruthy();
    expect(screen.getByText('Captions only')).toBeTruthy();
    expect(await faultsIn(container)).toEqual([]);
  });

  test('closes an account after being asked', async () => {
    const api = fakeSite();
    api.user = { ...LAN, isAdmin: true };
    const { user } = await visit('/admin', api);
    await user.click(await screen.findByRole('button', { name: 'Options for Ben Carter' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Close the account' }));
    await user.click(await screen.findByRole('button', { name: 'Close the account' }));

    expect(await screen.findByText('Closed')).toBeTruthy();
    expect(api.calls).toContainEqual({ name: 'changeUser', args: ['u-ben', { disabled: true }] });
  });

  test('nobody else sees the page', async () => {
    const { api } = await visit('/admin');

    expect(await screen.findByText(/You may not do this/)).toBeTruthy();
    expect(api.calls.some(({ name }) => name === 'users')).toBe(false);
  });
});
