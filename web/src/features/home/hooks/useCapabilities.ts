/** What this server interprets now, and what models would add. */
import { useCallback, useEffect, useState } from 'react';

import type { Capabilities } from '../../../api/types';
import { useServices } from '../../../services';

export function useCapabilities(): { capabilities: Capabilities | null; failed: boolean; reload: () => void } {
  const { api } = useServices();
  const [capabilities, setCapabilities] = useState<Capabilities | null>(null);
  const [failed, setFailed] = useState(false);
  const [asked, setAsked] = useState(0);
  const reload = useCallback(() => setAsked((times) => times + 1), []);
  useEffect(() => {
    let gone = false;
    api.capabilities().then(
      (answer) => gone || setCapabilities(answer),
      () => gone || setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [api, asked]);
  return { capabilities, failed, reload };
}
