import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import { changePageLanguage } from '../../../i18n';
import { LAN } from '../../../testing/fakeAccounts';
import { MODELS } from '../../../testing/fakeApi';
import { fakeSite, faultsIn, visit } from '../../../testing/page';

function adminsSite(refusals = {}) {
  const api = fakeSite(refusals);
  api.user = { ...LAN, isAdmin: true };
  return api;
}

describe('limits of one account', () => {
  function siteWithEnterprise(plansOn: boolean) {
    const api = adminsSite();
    api.plansOn = plansOn;
    api.known = api.known.map((user) =>
      user.id === 'u-ben' ? { ...user, plan: 'enterprise', planLimits: { people: 30 } } : user,
    );
    return api;
  }

  test('are those of now, and empty is without limit', async () => {
    const { user, api } = await visit('/admin', siteWithEnterprise(true));
    await user.click(await screen.findByRole('button', { name: 'Options for Ben Carter' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Limits' }));
    const form = within(await screen.findByRole('dialog', { name: 'Limits of Ben Carter' }));
    const people = await form.findByLabelText<HTMLInputElement>('People in a call');
    expect(people.value).toBe('30');
    await user.clear(people);
    await user.type(form.getByLabelText('Calls at once'), '5');
    await user.click(form.getByRole('switch', { name: 'Voice cloning' }));
    const faults = await faultsIn(document.body);
    await user.click(form.getByRole('button', { name: 'Save' }));

    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(api.calls).toContainEqual({ name: 'changeUser', args: ['u-ben', { planLimits: { roomsAtOnce: 5, cloning: false } }] });
    expect(faults).toEqual([]);
  });

  test('that are no numbers are not sent', async () => {
    const { user, api } = await visit('/admin', siteWithEnterprise(true));
    await user.click(await screen.findByRole('button', { name: 'Options for Ben Carter' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Limits' }));
    await user.type(await screen.findByLabelText('Minutes of a call'), 'long{Enter}');

    expect(await screen.findByText(/A whole number/)).toBeTruthy();
    expect(api.calls.some(({ name }) => name === 'changeUser')).toBe(false);
  });

  test('are those of the account while plans are off too', async () => {
    const { user, api } = await visit('/admin', siteWithEnterprise(false));
    await user.click(await screen.findByRole('button', { name: 'Options for Ben Carter' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Limits' }));
    expect((await screen.findByLabelText<HTMLInputElement>('People in a call')).value).toBe('30');
    await user.click(screen.getByRole('button', { name: 'Save' }));

    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(api.calls).toContainEqual({ name: 'changeUser', args: ['u-ben', { planLimits: { people: 30 } }] });
  });

  test('belong to the enterprise plan alone', async () => {
    const { user } = await visit('/admin', adminsSite());
    await user.click(await screen.findByRole('button', { name: 'Options for Ben Carter' }));

    expect(await screen.findByRole('menuitem', { name: 'Close the account' })).toBeTruthy();
    expect(screen.queryByRole('menuitem', { name: 'Limits' })).toBeNull();
  });
});

test.each([
  ['en', 'translation_gone', 'No translation answers'],
  ['vi', 'translation_gone', 'Không bộ máy dịch nào trả lời'],
  ['vi', 'no_interpreter', 'Chưa có phiên dịch viên nào đến'],
  ['en', 'a_new_word', 'a new word'],
])('why a room gets less is said in the page’s language (%s: %s)', async (language, reason, words) => {
  await changePageLanguage(language === 'vi' ? 'vi' : 'en');
  const api = adminsSite();
  api.carries = { ...api.carries, ladder: [{ room: 'room-weekly-0001', level: 4, reason, since: LAN.createdAt }] };
  await visit('/admin', api);

  const line = (await screen.findByText('room-weekly-0001')).closest('li');

  expect(line?.textContent).toContain(words);
});

test('the models of the server are seen from elsewhere too', async () => {
  const api = adminsSite();
  api.held = { ...MODELS, mayPull: false };
  await visit('/admin', api);

  const section = within(await screen.findByRole('region', { name: 'Models' }));
  expect(await section.findByRole('button', { name: 'Models of the server' })).toBeTruthy();
});

describe('links to an account here', () => {
  test('are for one address where one is written, and are seen afterwards', async () => {
    const { user, api, container } = await visit('/admin', adminsSite());
    const section = within(await screen.findByRole('region', { name: 'Invite somebody' }));
    await user.click(section.getByRole('button', { name: 'Invite' }));
    await user.type(section.getByLabelText('E-mail address'), 'not an address{Enter}');
    expect(section.getByText(/Write an e-mail address/)).toBeTruthy();
    expect(section.queryByRole('radio')).toBeNull();
    await user.clear(section.getByLabelText('E-mail address'));
    await user.type(section.getByLabelText('E-mail address'), ' dung@example.org ');
    await user.click(section.getByRole('button', { name: 'Make a link' }));

    expect((await section.findByLabelText<HTMLInputElement>('Link of the invitation')).value).toContain('#token-456');
    expect(api.calls.filter(({ name }) => name === 'inviteToSite')).toEqual([{ name: 'inviteToSite', args: ['dung@example.org'] }]);
    expect(section.getByText('dung@example.org')).toBeTruthy();
    expect(await faultsIn(container)).toEqual([]);
  });

  test('are for whoever has them where no address is written', async () => {
    const { user, api } = await visit('/admin', adminsSite());
    const section = within(await screen.findByRole('region', { name: 'Invite somebody' }));
    await user.click(section.getByRole('button', { name: 'Invite' }));
    await user.click(section.getByRole('button', { name: 'Make a link' }));

    expect(await section.findByText('Whoever has the link')).toBeTruthy();
    expect(api.calls).toContainEqual({ name: 'inviteToSite', args: [null] });
  });

  test('are to an address where people come by a provider, which is said', async () => {
    const api = adminsSite();
    api.facts = { ...api.facts, oidc: { name: 'Example ID' } };
    await visit('/admin', api);

    const section = within(await screen.findByRole('region', { name: 'Invite somebody' }));
    expect(section.getByText(/comes by Example ID needs one to their e-mail address/)).toBeTruthy();
  });

  test('are taken back', async () => {
    const api = adminsSite();
    api.invitedToSite = [{ id: 'i-9', email: 'wrong@example.org', role: 'member', expiresAt: LAN.createdAt }];
    const { user } = await visit('/admin', api);

    await user.click(await screen.findByRole('button', { name: 'Take back: wrong@example.org' }));

    await waitFor(() => expect(screen.queryByText('wrong@example.org')).toBeNull());
    expect(api.calls).toContainEqual({ name: 'withdrawSiteInvitation', args: ['i-9'] });
  });

  test('that are as many as there can be are blamed on no plan', async () => {
    const { user } = await visit('/admin', adminsSite({ inviteToSite: 'too_many_invitations' }));
    const section = within(await screen.findByRole('region', { name: 'Invite somebody' }));
    await user.click(section.getByRole('button', { name: 'Invite' }));
    await user.click(section.getByRole('button', { name: 'Make a link' }));

    const said = (await section.findByRole('alert')).textContent;
    expect(said).toContain('Take one back');
    expect(said).not.toContain('plan');
  });
});

describe('work of the server', () => {
  test('says how far each job is, and why one did not work', async () => {
    const api = adminsSite();
    const job = { id: 'j-1', kind: 'export', state: 'running', progress: 0.4, error: null, createdAt: LAN.createdAt, finishedAt: null };
    api.work = [job, { ...job, id: 'j-2', kind: 'model.fetch', state: 'parked', progress: 0, error: 'the disk is full', finishedAt: LAN.createdAt }];
    const { container } = await visit('/admin', api);

    const list = within(await screen.findByRole('list', { name: 'Work of the server' }));
    expect(list.getByText('Gathering somebody’s data')).toBeTruthy();
    expect(list.getByText(/^40% · asked for/)).toBeTruthy();
    expect(list.getByText('model fetch')).toBeTruthy();
    expect(list.getByText('Given up')).toBeTruthy();
    expect(list.getByText('the disk is full').getAttribute('lang')).toBe('en');
    expect(await faultsIn(container)).toEqual([]);
  });

  test('is begun again where it was given up, and only there', async () => {
    const api = adminsSite();
    const job = { id: 'j-1', kind: 'erase', state: 'failed', progress: 0, error: 'no', createdAt: LAN.createdAt, finishedAt: LAN.createdAt };
    api.work = [job, { ...job, id: 'j-2', kind: 'backup', state: 'parked', error: 'the disk is full' }];
    const { user } = await visit('/admin', api);
    const list = within(await screen.findByRole('list', { name: 'Work of the server' }));
    expect(list.queryByRole('button', { name: 'Begin again: Deletion of an account' })).toBeNull();

    await user.click(list.getByRole('button', { name: 'Begin again: Backup' }));

    expect(await list.findByText('Waiting')).toBeTruthy();
    expect(list.queryByText('the disk is full')).toBeNull();
    expect(list.queryByRole('button')).toBeNull();
    expect(api.calls).toContainEqual({ name: 'releaseJob', args: ['j-2'] });
  });

  test('that somebody else has begun again meanwhile is said to be under way', async () => {
    const api = adminsSite({ releaseJob: 'job_not_parked' });
    api.work = [{ id: 'j-2', kind: 'backup', state: 'parked', progress: 0, error: null, createdAt: LAN.createdAt, finishedAt: LAN.createdAt }];
    const { user } = await visit('/admin', api);

    await user.click(await screen.findByRole('button', { name: 'Begin again: Backup' }));

    expect((await screen.findByRole('alert')).textContent).toContain('under way or over already');
  });

  test('is none, and is looked at again when asked', async () => {
    const api = adminsSite();
    api.work = [];
    const { user } = await visit('/admin', api);
    await screen.findByText('Nothing to do');
    const section = within(screen.getByRole('region', { name: 'Work of the server' }));

    await user.click(section.getByRole('button', { name: 'Look again' }));

    await waitFor(() => expect(api.calls.filter(({ name }) => name === 'jobs')).toHaveLength(2));
  });
});
