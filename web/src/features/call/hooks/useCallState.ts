/** The state of a running call, and its captions. */
import { useSyncExternalStore } from 'react';

import type { CallSession, CallState } from '../../../call/callState';
import type { CaptionSnapshot } from '../../../call/captionFeed';

export function useCallState(session: CallSession): CallState {
  return useSyncExternalStore(session.subscribe, session.getState);
}

export function useCaptions(session: CallSession): CaptionSnapshot {
  return useSyncExternalStore(session.captions.subscribe, session.captions.getSnapshot);
}
