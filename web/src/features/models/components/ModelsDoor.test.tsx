import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';

import type { Models, Pull } from '../../../api/models';
import { FakeApi, IDLE, MODELS, ROOM } from '../../../testing/fakeApi';
import { faultsIn, showPage } from '../../../testing/page';
import { changePageLanguage } from '../../../i18n';
import { isTooLarge, languagesOf, licencesToAccept, partOf } from '../describing';
import { ModelsDoor } from './ModelsDoor';

async function openModels(held: Models = MODELS, api = new FakeApi()) {
  api.held = held;
  let used = 0;
  const shown = showPage(<ModelsDoor onInUse={() => (used += 1)} />, { api });
  await shown.user.click(await screen.findByRole('button', { name: 'Models on this machine' }));
  return { ...shown, api, dialog: await screen.findByRole('dialog'), used: () => used };
}

const withPull = (pull: Partial<Pull>): Models => ({ ...MODELS, pull: { ...IDLE, models: ['firefox-en-vi'], ...pull } });

describe('the models of the server', () => {
  test('who is not at the machine sees nothing of them', async () => {
    const api = new FakeApi();
    showPage(<ModelsDoor onInUse={() => undefined} />, { api });

    await waitFor(() => expect(api.calls).toContainEqual({ name: 'models', args: [] }));

    expect(screen.queryByRole('button')).toBeNull();
  });

  test('an admin elsewhere sees them and how far a pull is, and is told where they are fetched', async () => {
    const api = new FakeApi();
    api.held = { ...withPull({ phase: 'pulling', doneBytes: 12e6, totalBytes: 45e6, model: 'firefox-en-vi' }), mayPull: false };
    const { user } = showPage(<ModelsDoor onInUse={() => undefined} />, { api });
    await user.click(await screen.findByRole('button', { name: 'Models of the server' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Models of the server' }));

    expect(dialog.getByText(/fetched at the server’s own machine.*dragoman models pull/)).toBeTruthy();
    expect(dialog.getByText('firefox-en-vi: 12 MB of 45 MB')).toBeTruthy();
    expect(dialog.getAllByText('Not there · 45 MB').length).toBeGreaterThan(0);
    expect(dialog.queryByRole('button', { name: /Fetch|Cancel/ })).toBeNull();
  });

  test('each is told with languages, size, memory and licence', async () => {
    const { dialog, user } = await openModels();
    await user.click(within(dialog).getByRole('button', { name: 'Each model by itself' }));

    expect(within(dialog).getByText('Translates: English → Vietnamese')).toBeTruthy();
    expect(within(dialog).getByText('Recognises: English, Vietnamese, Chinese, Japanese and 2 more')).toBeTruthy();
    expect(within(dialog).getByText('186 MB of memory · MPL-2.0 · Mozilla')).toBeTruthy();
    expect(within(dialog).getByText(/20 GB on the disk, 660 MB of memory/)).toBeTruthy();
    expect(within(dialog).getAllByText('It takes more memory than is free now.').length).toBeGreaterThan(0);
  });

  test('voices are told with their languages, and what marks them without any', async () => {
    const [any] = MODELS.models;
    const of = (id: string, languages: string[]) =>
      ({ ...any, id, kind: 'text-to-speech', languages, pairs: [] }) as (typeof MODELS.models)[number];
    const { dialog, user } = await openModels({ ...MODELS, models: [of('a-voice', ['vi', 'en']), of('a-mark', [])] });
    await user.click(within(dialog).getByRole('button', { name: 'Each model by itself' }));

    expect(within(dialog).getByText('Speaks: Vietnamese, English')).toBeTruthy();
    expect(within(dialog).getByText('Marks synthetic speech, inaudibly')).toBeTruthy();
  });

  test('one press fetches a profile', async () => {
    const { api, dialog, user } = await openModels();

    await user.click(within(dialog).getByRole('button', { name: 'Fetch · 45 MB: Vietnamese and English' }));

    expect(api.calls).toContainEqual({ name: 'pullModels', args: [['default'], []] });
    expect(await within(dialog).findByText('Asking for the files')).toBeTruthy();
  });

  test('a licence that forbids commercial use is asked for first, and named when it is accepted', async () => {
    const { api, dialog, user } = await openModels();

    await user.click(within(dialog).getByRole('button', { name: /634 MB: Fifteen languages/ }));

    expect(api.calls.some((call) => call.name === 'pullModels')).toBe(false);
    expect(within(dialog).getByRole('alert').textContent).toContain('CC-BY-NC-4.0 forbids commercial use');
    await user.click(within(dialog).getByRole('button', { name: 'Accept and fetch' }));
    expect(api.calls).toContainEqual({ name: 'pullModels', args: [['noncommercial'], ['CC-BY-NC-4.0']] });
  });

  test('a page that is opened again shows how far the pull is, and lets it be cancelled', async () => {
    const running = withPull({ phase: 'pulling', model: 'firefox-en-vi', doneBytes: 12e6, totalBytes: 45e6 });
    const { api, dialog, user } = await openModels(running);

    expect(within(dialog).getByText('firefox-en-vi: 12 MB of 45 MB')).toBeTruthy();
    expect(within(dialog).getByRole('progressbar').getAttribute('value')).toBe(String(12 / 45));
    expect(within(dialog).getByRole('button', { name: /45 MB: Vietnamese/ }).hasAttribute('disabled')).toBe(true);
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));

    expect(api.calls).toContainEqual({ name: 'cancelModelPull', args: [] });
    expect(await within(dialog).findByText(/goes on from there/)).toBeTruthy();
  });

  test('a pull that ends is noticed, and what works now is asked anew', async () => {
    const { api, dialog, used } = await openModels(withPull({ phase: 'restarting' }));
    expect(within(dialog).getByText(/Calls go on meanwhile/)).toBeTruthy();

    api.held = withPull({ phase: 'done', inUse: ['firefox-en-vi'] });

    expect(await within(dialog).findByText('firefox-en-vi: fetched and in use.')).toBeTruthy();
    expect(used()).toBe(1);
  });

  test('of several models it says which are in use, whatever became of the others', async () => {
    const models = ['whisper-small', 'nllb-600m'];
    const { api, dialog, used } = await openModels(withPull({ phase: 'restarting', models }));

    api.held = withPull({ phase: 'failed', models, inUse: ['whisper-small'], missing: ['nllb-600m'], detail: 'it needs 500 MB more' });

    expect(await within(dialog).findByText('whisper-small: fetched and in use.')).toBeTruthy();
    expect(within(dialog).getByRole('alert').textContent).toContain('nllb-600m could not be fetched.');
    expect(used()).toBe(1);
  });

  test('what came before a pull failed is not said to be missing, whatever the settings make of it', async () => {
    const models = ['here-before', 'hy-mt2', 'nllb-600m'];
    const { dialog } = await openModels(withPull({ phase: 'failed', models, leftAside: ['hy-mt2'], missing: ['nllb-600m'] }));

    expect(within(dialog).getByText(/^hy-mt2: fetched\. The server's settings choose other models/)).toBeTruthy();
    expect(within(dialog).getByRole('alert').textContent).toContain('nllb-600m could not be fetched.');
    expect(within(dialog).getByRole('alert').textContent).not.toContain('hy-mt2');
  });

  test('a model that came and does not open is said to be here', async () => {
    const { dialog } = await openModels(withPull({ phase: 'failed', detail: 'it does not open here' }));

    const alert = within(dialog).getByRole('alert').textContent;
    expect(alert).toContain('firefox-en-vi: fetched, but could not be taken into use.');
    expect(alert).toContain('it does not open here');
  });

  test('models that the settings leave aside are told apart from those in use', async () => {
    const { dialog } = await openModels(withPull({ phase: 'done', models: ['kokoro', 'hy-mt2'], inUse: ['kokoro'], leftAside: ['hy-mt2'] }));

    expect(within(dialog).getByText('kokoro: fetched and in use.')).toBeTruthy();
    expect(within(dialog).getByText(/^hy-mt2: fetched\. The server's settings choose other models/)).toBeTruthy();
  });

  test('a failure says why, and that calls go on', async () => {
    const { dialog } = await openModels(withPull({ phase: 'failed', missing: ['firefox-en-vi'], code: 'disk_full', detail: 'it needs 500 MB more' }));

    const alert = within(dialog).getByRole('alert').textContent;
    expect(alert).toContain('Calls go on as before');
    expect(alert).toContain('The disk of the server has no room for it.');
    expect(within(dialog).getByText('it needs 500 MB more').getAttribute('lang')).toBe('en');
  });

  test('what the server refuses is said in plain words', async () => {
    const { dialog, user } = await openModels(MODELS, new FakeApi(ROOM, { pullModels: 'pull_under_way' }));

    await user.click(within(dialog).getByRole('button', { name: /45 MB: Vietnamese/ }));

    expect((await within(dialog).findByRole('alert')).textContent).toContain('Another model is being fetched');
  });

  test('a server without models says so', async () => {
    const { dialog } = await openModels({ ...MODELS, models: [], profiles: [] });

    expect(within(dialog).getByText('This server knows no models.')).toBeTruthy();
  });

  test('it works by keyboard alone', async () => {
    const api = new FakeApi();
    api.held = MODELS;
    const { user } = showPage(<ModelsDoor onInUse={() => undefined} />, { api });
    await screen.findByRole('button', { name: 'Models on this machine' });

    await user.tab();
    await user.keyboard('{Enter}');
    await screen.findByRole('dialog');
    await user.keyboard('{Escape}');

    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  test('it speaks Vietnamese', async () => {
    await changePageLanguage('vi');
    const api = new FakeApi();
    api.held = withPull({ phase: 'trying' });
    const { user } = showPage(<ModelsDoor onInUse={() => undefined} />, { api });

    await user.click(await screen.findByRole('button', { name: 'Mô hình trên máy này' }));

    expect(await screen.findByText('Đã tải xong. Đang chạy thử')).toBeTruthy();
  });

  test('axe finds nothing serious', async () => {
    const { dialog } = await openModels(withPull({ phase: 'pulling' }));

    expect(await faultsIn(dialog)).toEqual([]);
  });
});

test('what is known of a model is said in few words', () => {
  const [whisper, firefox] = MODELS.models;
  if (!whisper || !firefox) throw new Error('the fakes have them');
  expect(languagesOf(firefox, 'en')).toEqual({ text: 'English → Vietnamese', more: 0 });
  expect(licencesToAccept(['noncommercial'], MODELS)).toEqual(['CC-BY-NC-4.0']);
  expect(licencesToAccept(['default', 'whisper-small'], MODELS)).toEqual([]);
  expect(isTooLarge(whisper, MODELS)).toBe(false);
  expect(partOf({ ...IDLE, doneBytes: 3, totalBytes: 0 })).toBeNull();
  expect(partOf({ ...IDLE, doneBytes: 30, totalBytes: 20 })).toBe(1);
});
