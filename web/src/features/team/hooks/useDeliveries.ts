/** What a webhook was sent, looked at again while something is under way. */
import { useCallback, useEffect } from 'react';

import type { Delivery } from '../../../api/webhooks';
import { useServices } from '../../../services';
import { useParts, type Parts } from '../../shell/hooks/useParts';

const LOOK_EVERY_MS = 2_000;

export function useDeliveries(team: string, webhook: string): Parts<Delivery> {
  const { api } = useServices();
  const parts = useParts(useCallback((cursor: string | null) => api.deliveries(team, webhook, cursor), [api, team, webhook]));
  const { reload } = parts;
  const isFirstTry = parts.items.some(({ attempts, nextAt }) => attempts === 0 && nextAt !== null);
  useEffect(() => {
    if (!isFirstTry) return;
    const timer = setInterval(reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isFirstTry, reload]);
  return parts;
}
