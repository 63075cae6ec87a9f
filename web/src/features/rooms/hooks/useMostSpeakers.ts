/** How many speakers this server carries. It says so to its admins alone. */
import { useEffect, useState } from 'react';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';

/** Null while it is not known, or not to be known. */
export function useMostSpeakers(): number | null {
  const { api } = useServices();
  const { user } = useAccount();
  const [most, setMost] = useState<number | null>(null);
  const { isAdmin } = user;
  useEffect(() => {
    if (!isAdmin) return;
    let gone = false;
    api.capacity().then(
      ({ speakers }) => gone || setMost(speakers.most || null),
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [api, isAdmin]);
  return most;
}
