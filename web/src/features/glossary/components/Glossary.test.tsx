import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';

import type { Term } from '../../../api/glossary';
import { FakeApi, ROOM } from '../../../testing/fakeApi';
import { faultsIn, showPage } from '../../../testing/page';
import { Glossary } from './Glossary';

const CHOICES = { speaks: 'en', reads: 'en', listens: 'en', consent: true, voice: 'natural' } as const;
const REPORT: Term = { source: 'report', target: 'bản tin', sourceLanguage: 'en', targetLanguage: 'vi', state: 'forced', matchCase: false };
const NAME: Term = { source: 'Dragoman', target: '', sourceLanguage: null, targetLanguage: null, state: 'do-not-translate', matchCase: false };

interface Who {
  api?: FakeApi;
  hostSecret?: string | null;
}

function show(terms: Term[] = [], { api = new FakeApi(), hostSecret = 'host-secret' }: Who = {}) {
  api.kept = { version: terms.length > 0 ? 'v1' : '', terms };
  return showPage(<Glossary room={ROOM} choices={CHOICES} secret="p-me.proof" hostSecret={hostSecret} />, { api });
}

const stored = (api: FakeApi) => api.calls.filter((call) => call.name === 'setGlossary').map((call) => call.args[3]);

test('an empty list says what it is good for', async () => {
  const { container } = show();

  expect(await screen.findByRole('heading', { name: 'No terms yet' })).toBeTruthy();
  expect(await faultsIn(container)).toEqual([]);
});

test('the host adds a term with its translation', async () => {
  const { user, api, container } = show();

  await screen.findByRole('heading', { name: 'No terms yet' });
  await user.click(screen.getByRole('button', { name: 'Add a term' }));
  await user.type(screen.getByRole('textbox', { name: 'Word or phrase' }), 'report');
  await user.type(screen.getByRole('textbox', { name: 'Translation' }), 'bản tin');
  expect(await faultsIn(container)).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Save' }));

  expect(await screen.findByText('bản tin')).toBeTruthy();
  expect(stored(api)).toEqual([[REPORT]]);
});

test('what is left untranslated needs no translation and no languages', async () => {
  const { user, api } = show([REPORT]);

  await user.click(await screen.findByRole('button', { name: 'Add a term' }));
  await user.type(screen.getByRole('textbox', { name: 'Word or phrase' }), 'Dragoman');
  await user.click(screen.getByRole('radio', { name: 'Leave it untranslated' }));
  await user.keyboard('{Tab}');
  await user.click(screen.getByRole('button', { name: 'Save' }));

  await waitFor(() => expect(stored(api)).toEqual([[REPORT, NAME]]));
});

test('a term without a translation is not sent, and says what is missing', async () => {
  const { user, api } = show();

  await screen.findByRole('heading', { name: 'No terms yet' });
  await user.click(screen.getByRole('button', { name: 'Add a term' }));
  await user.type(screen.getByRole('textbox', { name: 'Word or phrase' }), 'report');
  await user.click(screen.getByRole('button', { name: 'Save' }));

  expect(screen.getByText('Write its translation.')).toBeTruthy();
  expect(stored(api)).toEqual([]);
});

test('a removed term can be brought back', async () => {
  const { user, api } = show([REPORT, NAME]);

  await user.click(await screen.findByRole('button', { name: 'Remove report' }));
  await user.click(await screen.findByRole('button', { name: 'Undo' }));

  await waitFor(() => expect(stored(api)).toEqual([[NAME], [REPORT, NAME]]));
});

test('a term is changed where it stands', async () => {
  const { user, api } = show([REPORT, NAME]);

  await user.click(await screen.findByRole('button', { name: 'Change report' }));
  await user.clear(screen.getByRole('textbox', { name: 'Translation' }));
  await user.type(screen.getByRole('textbox', { name: 'Translation' }), 'báo cáo');
  await user.click(screen.getByRole('button', { name: 'Save' }));

  await waitFor(() => expect(stored(api)).toEqual([[{ ...REPORT, target: 'báo cáo' }, NAME]]));
});

test('what somebody else has changed meanwhile is shown, and what was written stays', async () => {
  const api = new FakeApi(ROOM, { setGlossary: 'glossary_changed' });
  const { user } = show([REPORT], { api });

  await user.click(await screen.findByRole('button', { name: 'Add a term' }));
  await user.type(screen.getByRole('textbox', { name: 'Word or phrase' }), 'invoice');
  await user.type(screen.getByRole('textbox', { name: 'Translation' }), 'hóa đơn');
  await user.click(screen.getByRole('button', { name: 'Save' }));

  expect((await screen.findByRole('alert')).textContent).toContain('Somebody else has changed the list');
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Word or phrase' }).value).toBe('invoice');
});

test('a file is sent as it is, with the languages to take if it names none', async () => {
  const { user, api } = show();

  await screen.findByRole('heading', { name: 'No terms yet' });
  const file = new File(['report,bản tin'], 'terms.csv', { type: 'text/csv' });
  await user.upload(screen.getByLabelText('A CSV, TSV or TBX file'), file);

  expect(await screen.findByText('Nothing new was in the file.')).toBeTruthy();
  const args = api.calls.find((call) => call.name === 'importGlossary')?.args;
  expect(args?.slice(2)).toEqual([file, { source: 'en', target: 'vi' }]);
});

test('everybody but the host reads the list and changes nothing', async () => {
  const { container } = show([REPORT], { hostSecret: null });

  expect(await screen.findByText('bản tin')).toBeTruthy();
  for (const name of ['Add a term', 'Import', 'Remove report', 'Change report']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
  expect(await faultsIn(container)).toEqual([]);
});
