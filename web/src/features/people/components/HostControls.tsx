/** What a host decides beside the list of people: who comes in, and whether the call is interpreted at all. */
import { useTranslation } from 'react-i18next';

import type { Host } from '../../call/hooks/useHost';
import type { Waiters } from '../../call/hooks/useWaiters';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { Button } from '../../../ui/Button';
import { Row, Rows } from '../../../ui/Rows';
import { Toggle } from '../../../ui/Toggle';
import { lengthIn } from '../../rooms/when';
import styles from './People.module.css';

interface HostControlsProps {
  host: Host;
  waiters: Waiters;
  hasLobby: boolean;
}

export function HostControls({ host, waiters, hasLobby }: HostControlsProps) {
  const { t, i18n } = useTranslation();
  const { preferences, change } = usePreferences();
  return (
    <div className={styles.host}>
      {waiters.list.length > 0 ? (
        <Rows label={t('waiting.list')}>
          {waiters.list.map((waiter) => (
            <Row
              key={waiter.ticket}
              title={<bdi>{waiter.name}</bdi>}
              about={[t('waiting.since', { minutes: lengthIn(Math.round(waiter.waitingS / 60), i18n.language) })]}
              actions={
                <>
                  <Button tone="primary" aria-label={t('waiting.admitNamed', { name: waiter.name })} onPress={() => waiters.answer(waiter, true)}>
                    {t('waiting.admit')}
                  </Button>
                  <Button tone="quiet" aria-label={t('waiting.refuseNamed', { name: waiter.name })} onPress={() => waiters.answer(waiter, false)}>
                    {t('waiting.refuse')}
                  </Button>
                </>
              }
            />
          ))}
        </Rows>
      ) : null}
      <Toggle
        label={t('people.hostControls.interpretation')}
        {...(host.interpretation ? {} : { help: t('people.hostControls.interpretationHelp') })}
        isSelected={host.interpretation}
        onChange={host.interpret}
      />
      {hasLobby ? (
        <Toggle label={t('waiting.sound')} isSelected={preferences.waitingSound} onChange={(waitingSound) => change({ waitingSound })} />
      ) : null}
    </div>
  );
}
