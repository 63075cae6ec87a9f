import { screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { WEEKLY } from '../../../testing/fakeAccounts';
import { fakeSite, faultsIn, visit } from '../../../testing/page';

describe('signing in', () => {
  test('a page that needs an account is shown once somebody is signed in', async () => {
    const { user, api } = await visit(`/rooms/${WEEKLY.id}`, fakeSite(), { isSignedIn: false });
    await screen.findByText(/You come back to it/);

    await user.type(screen.getByLabelText('E-mail'), 'lan@example.org');
    await user.type(screen.getByLabelText('Password'), 'a long phrase');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));

    expect(await screen.findByRole('heading', { level: 1, name: WEEKLY.title })).toBeTruthy();
    expect(api.calls).toContainEqual({ name: 'signIn', args: ['lan@example.org', 'a long phrase'] });
  });

  test('wrong credentials are said in plain words, and the password can be written again', async () => {
    const { user, container } = await visit('/', fakeSite({ signIn: 'wrong_credentials' }), { isSignedIn: false });
    await user.type(await screen.findByLabelText('E-mail'), 'lan@example.org');
    await user.type(screen.getByLabelText('Password'), 'not it{Enter}');

    expect((await screen.findByRole('alert')).textContent).toContain('Check both');
    expect(await faultsIn(container)).toEqual([]);
  });

  test('nothing is sent before both fields are filled, and the first empty one has the focus', async () => {
    const { user, api } = await visit('/', fakeSite(), { isSignedIn: false });

    await user.click(await screen.findByRole('button', { name: 'Sign in' }));

    expect(document.activeElement).toBe(screen.getByLabelText('E-mail'));
    expect(api.calls.some(({ name }) => name === 'signIn')).toBe(false);
  });

  test('a provider is offered where there is one', async () => {
    const api = fakeSite();
    api.facts = { ...api.facts, oidc: { name: 'Example ID' } };
    await visit('/', api, { isSignedIn: false });

    expect(await screen.findByRole('button', { name: 'Sign in with Example ID' })).toBeTruthy();
  });

  test.each([
    ['oidc_refused', /sign in with it first.*an invitation/],
    ['oidc_unavailable', /does not answer at the moment/],
    ['account_disabled', /is closed/],
    ['team_full', /a team that is full/],
    ['sign_up_closed', /takes an invitation/],
    ['store_unavailable', /cannot reach its database/],
    ['toString', /That did not work/],
  ])('a provider’s way that did not work says why: %s', async (problem, words) => {
    const { container } = await visit(`/sign-in?problem=${problem}`, fakeSite(), { isSignedIn: false });

    expect((await screen.findByRole('alert')).textContent).toMatch(words);
    expect(await faultsIn(container)).toEqual([]);
  });

  test('why a provider’s way did not work is said until something else is tried', async () => {
    const api = fakeSite({ signIn: 'wrong_credentials' });
    const { user } = await visit('/sign-in?problem=oidc_refused&to=%2Fteam', api, { isSignedIn: false });
    await user.type(await screen.findByLabelText('E-mail'), 'lan@example.org');
    await user.type(screen.getByLabelText('Password'), 'not it{Enter}');

    expect((await screen.findByRole('alert')).textContent).toContain('Check both');
    delete api.refusals.signIn;
    await user.type(screen.getByLabelText('Password'), 'a long phrase{Enter}');
    await waitFor(() => expect(window.location.pathname + window.location.search).toBe('/team'));
  });

  test('who is signed in already may add a provider, and hears there why that did not work', async () => {
    const api = fakeSite();
    api.facts = { ...api.facts, oidc: { name: 'Example ID' } };
    await visit('/sign-in?problem=oidc_unavailable', api);

    expect((await screen.findByRole('alert')).textContent).toMatch(/does not answer at the moment/);
    expect(window.location.pathname).toBe('/account');
    expect(screen.getByRole('button', { name: 'Sign in with Example ID' })).toBeTruthy();
  });

  test('without accounts these pages do not exist, and the first page is the one of before', async () => {
    const api = fakeSite();
    api.facts = { ...api.facts, accounts: false };
    const { unmount } = await visit('/account', api);
    expect(await screen.findByRole('heading', { name: 'There is nothing at this address' })).toBeTruthy();
    unmount();

    await visit('/', api);

    expect(await screen.findByRole('button', { name: 'Start a call' })).toBeTruthy();
  });
});

describe('an invitation', () => {
  test('makes an account for who has none, for the address that was invited', async () => {
    const api = fakeSite();
    api.invitation = { ...api.invitation, email: 'ben@example.org' };
    const { user } = await visit('/invitation#token-123', api, { isSignedIn: false });
    await user.type(await screen.findByLabelText('Your name'), 'Ben');
    await user.type(screen.getByLabelText('Password'), 'some long words');
    await user.click(screen.getByRole('button', { name: 'Make the account' }));

    await screen.findByRole('navigation', { name: 'Pages' });
    expect(api.calls).toContainEqual({
      name: 'signUp',
      args: [{ email: 'ben@example.org', name: 'Ben', password: 'some long words', invitation: 'token-123' }],
    });
  });

  test('lets who has an account into the team', async () => {
    const { user, api } = await visit('/invitation#token-123');

    await user.click(await screen.findByRole('button', { name: 'Join Field trips' }));

    expect(await screen.findByRole('region', { name: 'People' })).toBeTruthy();
    expect(api.calls).toContainEqual({ name: 'acceptInvitation', args: ['token-123'] });
  });

  test('that is over says so', async () => {
    await visit('/invitation#token-123', fakeSite({ seeInvitation: 'invitation_not_found' }), { isSignedIn: false });

    expect(await screen.findByRole('heading', { name: 'This invitation is over' })).toBeTruthy();
  });

  test('a password that is too short is not sent, and what is missing stands below it', async () => {
    const { user, api } = await visit('/invitation#token-123', fakeSite(), { isSignedIn: false });
    await user.type(await screen.findByLabelText('Your name'), 'Ben');
    await user.type(screen.getByLabelText('E-mail'), 'ben@example.org');
    await user.type(screen.getByLabelText('Password'), 'short{Enter}');

    expect(await screen.findByText(/not good enough yet/)).toBeTruthy();
    expect(api.calls.some(({ name }) => name === 'signUp')).toBe(false);
  });
});
