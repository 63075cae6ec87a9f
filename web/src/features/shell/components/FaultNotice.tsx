/** Says what was refused, and what the server has to say about it. */
import type { ReactNode } from 'react';

import { Notice } from '../../../ui/Notice';
import { SAYS_MORE, type Fault } from '../faults';
import { useFaultWords } from '../hooks/useFaultWords';

export function FaultNotice({ fault, action }: { fault: Fault | null; action?: ReactNode }) {
  const words = useFaultWords(fault);
  if (fault === null) return null;
  return (
    <Notice tone="danger" action={action}>
      <p>{words}</p>
      {SAYS_MORE.includes(fault.code) && fault.detail && fault.detail !== fault.code ? <p lang="en">{fault.detail}</p> : null}
    </Notice>
  );
}
