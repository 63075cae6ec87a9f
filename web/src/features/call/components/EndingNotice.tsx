/** Tells at the top of the call that the plan of its owner ends it soon, and once more in the last minute. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LAST_MS } from '../../../call/plannedEnd';
import { Notice } from '../../../ui/Notice';
import { useHasCome } from '../hooks/useHasCome';

export function EndingNotice({ endsAtMs }: { endsAtMs: number | null }) {
  const { t, i18n } = useTranslation();
  const isLast = useHasCome(endsAtMs === null ? null : endsAtMs - LAST_MS);
  const [closed, setClosed] = useState<'soon' | 'last' | null>(null);
  const stage = isLast ? 'last' : 'soon';
  if (endsAtMs === null || closed === stage) return null;
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' }).format(endsAtMs);
  return (
    <Notice tone="info" onClose={() => setClosed(stage)} closeLabel={t('app.close')}>
      {isLast ? t('ending.inAMinute') : t('ending.at', { time })} {t('ending.help')}
    </Notice>
  );
}
