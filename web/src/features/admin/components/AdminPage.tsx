/** What the admin of the server sees: people, plans, how much it carries, models, and what was done. */
import { Ban } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Section } from '../../../ui/Section';
import { Toggle } from '../../../ui/Toggle';
import { ModelsDoor } from '../../models/components/ModelsDoor';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { Shell } from '../../shell/components/Shell';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { AuditList } from '../../team/components/AuditList';
import { InvitationLinks } from '../../team/components/InvitationLinks';
import styles from './Admin.module.css';
import { CapacityPanel } from './CapacityPanel';
import { Jobs } from './Jobs';
import { Users } from './Users';

export function AdminPage() {
  const { t } = useTranslation();
  const { user } = useAccount();
  if (!user.isAdmin) {
    return (
      <Shell here="home" title={t('admin.title')}>
        <Section title={t('admin.title')}>
          <Empty icon={Ban} title={t('fault.forbidden')} />
        </Section>
      </Shell>
    );
  }
  return (
    <Shell here="admin" title={t('admin.title')}>
      <CapacityPanel />
      <Users />
      <InviteToSite />
      <PlansSwitch />
      <Section title={t('admin.models')} text={t('admin.modelsText')}>
        <div className={styles.models}>
          <ModelsDoor onInUse={() => undefined} />
        </div>
      </Section>
      <Jobs />
      <Section title={t('audit.title')} text={t('audit.text')}>
        <AuditList team={null} />
      </Section>
    </Shell>
  );
}

function InviteToSite() {
  const { t } = useTranslation();
  const { api } = useServices();
  const { site } = useAccount();
  const byProvider = site.oidc && site.signUp === 'invitation' ? ` ${t('admin.inviteByProvider', { name: site.oidc.name })}` : '';
  return (
    <InvitationLinks
      title={t('admin.invite')}
      text={t('admin.inviteText') + byProvider}
      roles={[]}
      load={useCallback((cursor: string | null) => api.siteInvitations(cursor), [api])}
      make={(email) => api.inviteToSite(email)}
      takeBack={(id) => api.withdrawSiteInvitation(id)}
    />
  );
}

function PlansSwitch() {
  const { t } = useTranslation();
  const { api } = useServices();
  const { busy, fault, run } = useAttempt();
  const [on, setOn] = useState<boolean | null>(null);
  const load = useCallback(() => void run(async () => setOn((await api.plans()).on)), [api, run]);
  useEffect(load, [load]);
  const change = (wanted: boolean) =>
    void run(async () => {
      await api.setPlans(wanted);
      setOn(wanted);
    });
  return (
    <Section title={t('admin.plans')} text={t('admin.plansText')}>
      <FaultNotice fault={fault} action={on === null ? <Button tone="quiet" onPress={load}>{t('app.tryAgain')}</Button> : null} />
      {on === null ? null : (
        <Toggle
          label={t('admin.plansOn')}
          help={on ? t('admin.plansOnText') : t('admin.plansOffText')}
          isSelected={on}
          isDisabled={busy}
          onChange={change}
        />
      )}
    </Section>
  );
}
