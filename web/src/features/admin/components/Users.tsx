/** Everybody with an account: found by name or e-mail, given a plan and limits, closed and opened again. */
import { Check, Ellipsis, Gauge, Search, ShieldCheck, UserRoundCheck, UserRoundX, UsersRound } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { PLANS, type Limits } from '../../../api/accounts';
import type { KnownUser, UserChange } from '../../../api/admin';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { ActionMenu, type Action } from '../../../ui/ActionMenu';
import { Badge } from '../../../ui/Badge';
import { IconButton } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Question } from '../../../ui/Question';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import { initialsOf } from '../../../ui/Avatar';
import { AccountLimits } from './AccountLimits';
import styles from './Admin.module.css';

const ASK_AFTER_MS = 300;

export function Users() {
  const { t } = useTranslation();
  const { api } = useServices();
  const [typed, setTyped] = useState('');
  const query = useSettled(typed.trim());
  const users = useParts(useCallback((cursor: string | null) => api.users(query, cursor), [api, query]));
  const { busy, fault, run } = useAttempt();
  const [closing, setClosing] = useState<KnownUser | null>(null);
  const [limiting, setLimiting] = useState<KnownUser | null>(null);
  const save = async (user: KnownUser, wanted: UserChange) => {
    const changed = await api.changeUser(user.id, wanted);
    users.change((items) => items.map((item) => (item.id === changed.id ? changed : item)));
  };
  const change = (user: KnownUser, wanted: UserChange) => void run(() => save(user, wanted));
  const limit = (user: KnownUser, planLimits: Partial<Limits> | null) => save(user, { planLimits });
  return (
    <Section title={t('admin.users')}>
      <Field label={t('admin.search')} value={typed} onChange={setTyped} maxLength={80} autoComplete="off" type="search" />
      <FaultNotice fault={fault} />
      <PartsList parts={users} empty={{ icon: query ? Search : UsersRound, title: query ? t('admin.noneFound') : t('admin.noUsers') }}>
        {(items) => (
          <Rows label={t('admin.users')}>
            {items.map((user) => (
              <UserLine
                key={user.id}
                user={user}
                busy={busy}
                onChange={(wanted) => change(user, wanted)}
                onLimits={() => setLimiting(user)}
                onClose={() => setClosing(user)}
              />
            ))}
          </Rows>
        )}
      </PartsList>
      <AccountLimits user={limiting} onClose={() => setLimiting(null)} onSave={limit} />
      <Question
        title={t('admin.closeConfirm', { name: closing?.name ?? '' })}
        text={t('admin.closeText')}
        yes={t('admin.close')}
        isOpen={closing !== null}
        onClose={() => setClosing(null)}
        onYes={() => closing && change(closing, { disabled: true })}
      />
    </Section>
  );
}

interface UserLineProps {
  user: KnownUser;
  busy: boolean;
  onChange: (wanted: UserChange) => void;
  onLimits: () => void;
  onClose: () => void;
}

function UserLine({ user, busy, onChange, onLimits, onClose }: UserLineProps) {
  const { t } = useTranslation();
  const { user: me } = useAccount();
  const isMe = me.id === user.id;
  const plans: Action[] = PLANS.map((plan) => ({
    id: plan,
    label: t(`plan.name.${plan}`),
    icon: plan === user.plan ? <Check aria-hidden /> : <span className={styles.space} />,
    onAction: () => onChange({ plan }),
  }));
  const limits: Action = { id: 'limits', label: t('limits.open'), icon: <Gauge aria-hidden />, onAction: onLimits };
  const admin: Action = {
    id: 'admin',
    label: user.isAdmin ? t('admin.noAdmin') : t('admin.makeAdmin'),
    icon: <ShieldCheck aria-hidden />,
    onAction: () => onChange({ isAdmin: !user.isAdmin }),
  };
  const close: Action = user.disabled
    ? { id: 'open', label: t('admin.reopen'), icon: <UserRoundCheck aria-hidden />, onAction: () => onChange({ disabled: false }) }
    : { id: 'close', label: t('admin.close'), icon: <UserRoundX aria-hidden />, danger: true, onAction: onClose };
  return (
    <Row
      icon={initialsOf(user.name)}
      title={
        <>
          <bdi>{user.name}</bdi>
          {user.isAdmin ? <Badge>{t('admin.isAdmin')}</Badge> : null}
          {user.disabled ? <Badge tone="warning">{t('admin.isClosed')}</Badge> : null}
        </>
      }
      about={[user.email, t('plan.title', { plan: t(`plan.name.${user.plan}`) })]}
      actions={
        <ActionMenu label={t('admin.optionsOf', { name: user.name })} placement="bottom end" parts={[plans, user.plan === 'enterprise' ? [limits] : [], isMe ? [] : [admin, close]]}>
          <IconButton label={t('admin.optionsOf', { name: user.name })} icon={<Ellipsis aria-hidden />} isDisabled={busy} placement="left" />
        </ActionMenu>
      }
    />
  );
}

/** What was typed, once nothing more is typed for a moment. */
function useSettled(typed: string): string {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
}
