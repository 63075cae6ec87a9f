/** Says what was refused, and what would help. */
import type { ReactNode } from 'react';

import { Notice } from '../../../ui/Notice';
import type { Fault } from '../faults';
import { useFaultWords } from '../hooks/useFaultWords';

export function FaultNotice({ fault, action }: { fault: Fault | null; action?: ReactNode }) {
  const words = useFaultWords(fault);
  if (fault === null) return null;
  return (
    <Notice tone="danger" action={action}>
      <p>{words}</p>
    </Notice>
  );
}
