/** Where I am signed in, and an end to it. */
import { LogOut, MonitorSmartphone } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { dayAndTimeIn } from '../../rooms/when';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';

export function Sessions() {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const { session } = useAccount();
  const sessions = useParts(useCallback((cursor: string | null) => api.openSessions(cursor), [api]));
  const { busy, fault, run } = useAttempt();
  const others = sessions.items.filter(({ current }) => !current).length;
  const end = (id: string) =>
    void run(async () => {
      await api.endSession(id);
      sessions.change((items) => items.filter((item) => item.id !== id));
    });
  const endOthers = () =>
    void run(async () => {
      await api.endOtherSessions();
      sessions.change((items) => items.filter(({ current }) => current));
    });
  return (
    <Section
      title={t('account.sessions')}
      text={t('account.sessionsText')}
      action={
        others > 0 ? (
          <Button isDisabled={busy} onPress={endOthers}>
            {t('account.endOthers')}
          </Button>
        ) : null
      }
    >
      <FaultNotice fault={fault} />
      <PartsList parts={sessions} empty={{ icon: MonitorSmartphone, title: t('account.noSessions') }}>
        {(items) => (
          <Rows label={t('account.sessions')}>
            {items.map((open) => {
              const device = open.device || t('account.unknownDevice');
              return (
                <Row
                  key={open.id}
                  icon={<MonitorSmartphone aria-hidden />}
                  title={
                    <>
                      <bdi>{device}</bdi>
                      {open.current ? <Badge tone="live">{t('account.thisOne')}</Badge> : null}
                    </>
                  }
                  about={[open.address, t('account.usedAt', { when: dayAndTimeIn(open.usedAt, i18n.language) })]}
                  actions={
                    open.current ? (
                      <Button tone="quiet" icon={<LogOut aria-hidden />} onPress={() => void session.signOut()}>
                        {t('nav.signOut')}
                      </Button>
                    ) : (
                      <Button tone="quiet" isDisabled={busy} aria-label={t('account.endNamed', { device })} onPress={() => end(open.id)}>
                        {t('account.end')}
                      </Button>
                    )
                  }
                />
              );
            })}
          </Rows>
        )}
      </PartsList>
    </Section>
  );
}
