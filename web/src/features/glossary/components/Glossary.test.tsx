import { act, screen, waitFor } from '@testing-library/react';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { Term } from '../../../api/glossary';
import { FakeApi, ROOM } from '../../../testing/fakeApi';
import { faultsIn, showPage } from '../../../testing/page';
import { WATCH_EVERY_MS } from '../hooks/useGlossary';
import { Glossary } from './Glossary';


const CHOICES = { speaks: 'en', reads: 'en', listens: 'en', consent: true, voice: 'natural' } as const;
const REPORT: Term = { source: 'report', target: 'bản tin', sourceLanguage: 'en', targetLanguage: 'vi', state: 'forced', matchCase: false };
const INVOICE: Term = { ...REPORT, source: 'invoice', target: 'hóa đơn' };
const NAME: Term = { source: 'Dragoman', target: '', sourceLanguage: null, targetLanguage: null, state: 'do-not-translate', matchCase: false };

interface Who {
  api?: FakeApi;
  hostSecret?: string | null;
}

function show(terms: Term[] = [], { api = new FakeApi(), hostSecret = 'host-secret' }: Who = {}) {
  api.kept = { version: terms.length > 0 ? 'v1' : '', terms };
  return showPage(<Glossary room={ROOM} choices={CHOICES} secret="p-me.proof" hostSecret={hostSecret} />, { api });
}

/** Call before the page is shown: time goes on as always, and may be wound on to the next look at the list. */
function windTheWatch() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'], shouldAdvanceTime: true });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Somebody else changes the list, and this page looks at it again. */
async function letOthersChange(api: FakeApi, terms: Term[]) {
  api.kept = { version: `${api.kept.version} by others`, terms };
  await act(() => vi.advanceTimersByTimeAsync(WATCH_EVERY_MS));
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

test('a removed term is brought back beside what others have added meanwhile', async () => {
  windTheWatch();
  const { user, api } = show([REPORT, NAME]);
  await user.click(await screen.findByRole('button', { name: 'Remove report' }));
  const undo = await screen.findByRole('button', { name: 'Undo' });

  await letOthersChange(api, [NAME, INVOICE]);
  await user.click(undo);

  await waitFor(() => expect(stored(api).at(-1)).toEqual([REPORT, NAME, INVOICE]));
});

test('what is written for a new term stays while another is removed', async () => {
  const { user, api } = show([REPORT, NAME]);
  await user.click(await screen.findByRole('button', { name: 'Add a term' }));
  await user.type(screen.getByRole('textbox', { name: 'Word or phrase' }), 'invoice');

  await user.click(screen.getByRole('button', { name: 'Remove report' }));
  await screen.findByRole('button', { name: 'Undo' });
  const written = screen.getByRole<HTMLInputElement>('textbox', { name: 'Word or phrase' }).value;
  await user.type(screen.getByRole('textbox', { name: 'Translation' }), 'hóa đơn');
  await user.click(screen.getByRole('button', { name: 'Save' }));

  expect(written).toBe('invoice');
  await waitFor(() => expect(stored(api).at(-1)).toEqual([NAME, INVOICE]));
});

test('what is written for a term stays with it while the list changes around it, and goes with it', async () => {
  windTheWatch();
  const { user, api } = show([REPORT, NAME, INVOICE]);
  await user.click(await screen.findByRole('button', { name: 'Change invoice' }));
  const translation = () => screen.queryByRole<HTMLInputElement>('textbox', { name: 'Translation' });
  await user.type(screen.getByRole('textbox', { name: 'Translation' }), ' đỏ');

  await user.click(screen.getByRole('button', { name: 'Remove report' }));
  await screen.findByRole('button', { name: 'Undo' });
  const afterMine = translation()?.value;
  await letOthersChange(api, [INVOICE]);
  const afterOthers = translation()?.value;
  await letOthersChange(api, [NAME]);

  expect([afterMine, afterOthers]).toEqual(['hóa đơn đỏ', 'hóa đơn đỏ']);
  expect(translation()).toBeNull();
  expect(screen.getByRole('button', { name: 'Add a term' })).toBeTruthy();
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
