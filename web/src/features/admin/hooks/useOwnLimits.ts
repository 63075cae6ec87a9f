/** The limits of one account as they are now. The server says them only while plans count. */
import { useCallback, useEffect, useState } from 'react';

import type { Limits } from '../../../api/accounts';
import type { KnownUser } from '../../../api/admin';
import { useServices } from '../../../services';
import { faultOf, type Fault } from '../../shell/faults';

const MOST_QUERY_CHARS = 100;

interface OwnLimits {
  /** Null while it is loaded. */
  found: { plansOn: boolean; limits: Limits } | null;
  fault: Fault | null;
  reload: () => void;
}

export function useOwnLimits({ id, email }: KnownUser): OwnLimits {
  const { api } = useServices();
  const [found, setFound] = useState<OwnLimits['found']>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const reload = useCallback(() => {
    Promise.all([api.plans(), api.users(email.slice(0, MOST_QUERY_CHARS), null)]).then(
      ([{ on }, { items }]) => {
        const user = items.find((item) => item.id === id);
        setFault(user ? null : { code: 'account_not_found', detail: '', retryAfterS: null });
        if (user) setFound({ plansOn: on, limits: user.limits });
      },
      (error: unknown) => setFault(faultOf(error)),
    );
  }, [api, id, email]);
  useEffect(reload, [reload]);
  return { found, fault, reload };
}
