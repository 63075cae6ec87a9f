/** Show the page with fakes behind it, and look at it as axe does. */
import { act, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import type { ReactNode } from 'react';
import { onTestFinished } from 'vitest';

import type { RoomInfo } from '../api/types';
import type { CallSession } from '../call/callState';
import type { CallOptions } from '../call/liveKitCall';
import { PreferencesProvider } from '../features/settings/components/PreferencesProvider';
import { ServicesContext } from '../services';
import { Credentials } from '../session/credentials';
import { Session } from '../session/session';
import { App } from '../App';
import { FakeApi } from './fakeApi';
import { FakeCall } from './fakeCall';

interface PageOptions {
  api?: FakeApi;
  openCall?: (options: CallOptions) => CallSession | Promise<CallSession>;
}

export function showPage(page: ReactNode, { api = new FakeApi(), openCall = () => new FakeCall({}) }: PageOptions = {}) {
  const user = userEvent.setup();
  const session = new Session({ api, credentials: new Credentials(), storage: localStorage, alone: (_, task) => task() });
  onTestFinished(() => session.close());
  const view = render(
    <ServicesContext value={{ api, session, openCall: (options) => Promise.resolve(openCall(options)) }}>
      <PreferencesProvider>{page}</PreferencesProvider>
    </ServicesContext>,
  );
  return { user, api, session, ...view };
}

/** Show the page at an address, as somebody who is signed in already, or as nobody. */
export async function visit(path: string, api = fakeSite(), { isSignedIn = true } = {}) {
  window.history.replaceState(null, '', path);
  if (isSignedIn) localStorage.setItem('dragoman.account', 'maybe');
  const view = showPage(<App />, { api });
  await act(() => view.session.start());
  return view;
}

/** A server with accounts. */
export function fakeSite(refusals: ConstructorParameters<typeof FakeApi>[1] = {}, room?: RoomInfo): FakeApi {
  const api = new FakeApi(room, refusals);
  api.facts = { ...api.facts, accounts: true };
  return api;
}

/** Names of the serious faults axe finds; colours need a real browser and are looked at there. */
export async function faultsIn(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  return violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ''}`);
}
