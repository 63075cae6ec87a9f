/** Plain words for a refusal: what happened, and one thing to do. */
import { useTranslation } from 'react-i18next';

import { FAULTS, type Fault } from '../faults';

export function useFaultWords(fault: Fault | null): string {
  const { t } = useTranslation();
  if (fault === null) return '';
  const code = FAULTS.find((known) => known === fault.code) ?? 'unknown';
  if (code === 'too_many_requests' && fault.retryAfterS) return t('fault.too_many_requests_until', { count: fault.retryAfterS });
  return t(`fault.${code}`);
}
