/** Plain words for a refusal: what happened, and one thing to do. */
import { useTranslation } from 'react-i18next';

import { FAULTS, type Fault } from '../faults';
import { refusalWords } from '../refusals';

export function useFaultWords(fault: Fault | null): string {
  const { t, i18n } = useTranslation();
  if (fault === null) return '';
  const words = refusalWords(i18n, fault);
  if (words) return words;
  const code = FAULTS.find((known) => known === fault.code) ?? 'unknown';
  if (code === 'too_many_requests' && fault.retryAfterS) return t('fault.too_many_requests_until', { count: fault.retryAfterS });
  return t(`fault.${code}`);
}
