/** Plain words for what a webhook tells of. */
import { useTranslation } from 'react-i18next';

import en from '../../../i18n/en.json';

export function useEventName(): (event: string) => string {
  const { t } = useTranslation();
  return (event) => {
    const known = event.replace('.', '_') as keyof typeof en.webhooks.event;
    // The server may know more events than this page has words for.
    return known in en.webhooks.event ? t(`webhooks.event.${known}`) : event.replace(/[._]/g, ' ');
  };
}
