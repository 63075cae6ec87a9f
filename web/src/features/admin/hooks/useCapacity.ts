/** How much the machine carries, asked again while the page is open. */
import { useCallback, useEffect, useState } from 'react';

import type { Capacity } from '../../../api/admin';
import { useServices } from '../../../services';
import { faultOf, type Fault } from '../../shell/faults';

const ASK_EVERY_MS = 5_000;

export function useCapacity(): { capacity: Capacity | null; fault: Fault | null; reload: () => void } {
  const { api } = useServices();
  const [capacity, setCapacity] = useState<Capacity | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const reload = useCallback(() => {
    api.capacity().then(
      (answer) => {
        setCapacity(answer);
        setFault(null);
      },
      (error: unknown) => setFault(faultOf(error)),
    );
  }, [api]);
  useEffect(() => {
    reload();
    const timer = setInterval(reload, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return { capacity, fault, reload };
}
