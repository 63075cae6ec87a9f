/** Tells a host at the top of the call that somebody waits. */
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import { Notice } from '../../../ui/Notice';
import type { Waiters } from '../hooks/useWaiters';

export function WaitingNotice({ waiters, onSee }: { waiters: Waiters; onSee: () => void }) {
  const { t } = useTranslation();
  const [first, ...others] = waiters.list;
  if (!first) return null;
  const action =
    others.length === 0 ? (
      <>
        <Button tone="primary" onPress={() => waiters.answer(first, true)} aria-label={t('waiting.admitNamed', { name: first.name })}>
          {t('waiting.admit')}
        </Button>
        <Button tone="quiet" onPress={() => waiters.answer(first, false)} aria-label={t('waiting.refuseNamed', { name: first.name })}>
          {t('waiting.refuse')}
        </Button>
      </>
    ) : (
      <Button tone="primary" onPress={onSee}>
        {t('waiting.see')}
      </Button>
    );
  return (
    <Notice tone="info" action={action}>
      <bdi>{others.length === 0 ? t('waiting.somebody', { name: first.name }) : t('waiting.people', { count: waiters.list.length })}</bdi>
    </Notice>
  );
}
