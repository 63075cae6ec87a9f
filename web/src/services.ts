/** What the page reaches the outside through: the API, the session and calls. Fakes stand in for both in tests and in the demo. */
import { createContext, use } from 'react';

import type { Api } from './api/types';
import type { CallSession } from './call/callState';
import type { CallOptions } from './call/liveKitCall';
import type { Session } from './session/session';

export interface Services {
  api: Api;
  session: Session;
  /** Open a call; it connects by itself and tells in its state how it goes. */
  openCall: (options: CallOptions) => Promise<CallSession>;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = use(ServicesContext);
  if (!services) throw new Error('no services: wrap this in ServicesContext');
  return services;
}
