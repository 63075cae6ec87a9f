/** What this server interprets now, and what models would add. */
import { useEffect, useState } from 'react';

import type { Capabilities } from '../../../api/types';
import { useServices } from '../../../services';

export function useCapabilities(): { capabilities: Capabilities | null; failed: boolean } {
  const { api } = useServices();
  const [capabilities, setCapabilities] = useState<Capabilities | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    api.capabilities().then(
      (answer) => gone || setCapabilities(answer),
      () => gone || setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [api]);
  return { capabilities, failed };
}
