/** Asks the server for something once at a time, and knows how that goes. */
import { useCallback, useRef, useState } from 'react';

import { faultOf, type Fault } from '../faults';

export interface Attempt {
  busy: boolean;
  /** Of the last refusal. */
  fault: Fault | null;
  /** Gives whether it was granted; while one runs, another is not begun. */
  run: (task: () => Promise<void>) => Promise<boolean>;
  forgive: () => void;
}

export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const running = useRef(false);
  const run = useCallback(async (task: () => Promise<void>) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFault(null);
    try {
      await task();
      return true;
    } catch (error) {
      setFault(faultOf(error));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  const forgive = useCallback(() => setFault(null), []);
  return { busy, fault, run, forgive };
}
