/** Show the page with fakes behind it, and look at it as axe does. */
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import type { ReactNode } from 'react';

import type { CallSession } from '../call/callState';
import type { CallOptions } from '../call/liveKitCall';
import { PreferencesProvider } from '../features/settings/components/PreferencesProvider';
import { ServicesContext } from '../services';
import { FakeApi } from './fakeApi';
import { FakeCall } from './fakeCall';

interface PageOptions {
  api?: FakeApi;
  openCall?: (options: CallOptions) => CallSession;
}

export function showPage(page: ReactNode, { api = new FakeApi(), openCall = () => new FakeCall({}) }: PageOptions = {}) {
  const user = userEvent.setup();
  const view = render(
    <ServicesContext value={{ api, openCall: (options) => Promise.resolve(openCall(options)) }}>
      <PreferencesProvider>{page}</PreferencesProvider>
    </ServicesContext>,
  );
  return { user, api, ...view };
}

/** Names of the serious faults axe finds; colours need a real browser and are looked at there. */
export async function faultsIn(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  return violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ''}`);
}
