/** Who is signed in, for every component that wants to know. */
import { useSyncExternalStore } from 'react';

import type { Site, User } from '../api/accounts';
import { useServices } from '../services';
import type { Session, SessionState } from './session';

export function useSession(): { session: Session; state: SessionState } {
  const { session } = useServices();
  return { session, state: useSyncExternalStore(session.subscribe, session.getState) };
}

/** Below the pages of who is signed in. */
export function useAccount(): { session: Session; site: Site; user: User } {
  const { session, state } = useSession();
  if (state.phase !== 'signed_in') throw new Error('nobody is signed in: show this below SignedInOnly');
  return { session, site: state.site, user: state.user };
}
