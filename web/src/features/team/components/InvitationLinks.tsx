/** Invitations that are made, shown once to be sent, and taken back. From `Invitations.tsx`, and the admin's page for those to the server. */
import { Mail, MailPlus } from 'lucide-react';
import { useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Part } from '../../../api/paging';
import type { Invitation, Role } from '../../../api/teams';
import { Button } from '../../../ui/Button';
import { Choice } from '../../../ui/Choice';
import { Field } from '../../../ui/Field';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { CopyLink } from '../../call/components/CopyLink';
import { dayIn } from '../../rooms/when';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import styles from './Team.module.css';

interface InvitationLinksProps {
  title: string;
  text: string;
  /** What one may be invited as; nothing for an invitation to the server, which gives no role. */
  roles: readonly Role[];
  /** Stays the same function as long as the list is the same one. */
  load: (cursor: string | null) => Promise<Part<Invitation>>;
  make: (email: string | null, role: Role) => Promise<Invitation>;
  takeBack: (id: string) => Promise<void>;
}

export function InvitationLinks({ title, text, roles, load, make, takeBack }: InvitationLinksProps) {
  const { t, i18n } = useTranslation();
  const invitations = useParts(load);
  const { busy, fault, run } = useAttempt();
  const [isInviting, setInviting] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const invite = (email: string | null, role: Role) =>
    void run(async () => {
      const made = await make(email, role);
      setLink(made.link ?? null);
      setInviting(false);
      invitations.change((items) => [made, ...items]);
    });
  const withdraw = (id: string) =>
    void run(async () => {
      await takeBack(id);
      setLink(null);
      invitations.change((items) => items.filter((item) => item.id !== id));
    });
  const forWhom = (invitation: Invitation) => invitation.email ?? t('team.forAnybody');
  return (
    <Section
      title={title}
      text={text}
      action={
        isInviting ? null : (
          <Button icon={<MailPlus aria-hidden />} onPress={() => setInviting(true)}>
            {t('team.invite')}
          </Button>
        )
      }
    >
      <FaultNotice fault={fault} />
      {isInviting ? <InviteForm roles={roles} busy={busy} onInvite={invite} onCancel={() => setInviting(false)} /> : null}
      {link ? <MadeLink link={link} /> : null}
      {isInviting && invitations.items.length === 0 ? null : (
        <PartsList parts={invitations} empty={{ icon: Mail, title: t('team.noInvitations') }}>
          {(items) => (
            <Rows label={t('team.invitations')}>
              {items.map((invitation) => (
                <Row
                  key={invitation.id}
                  icon={<Mail aria-hidden />}
                  title={<bdi>{forWhom(invitation)}</bdi>}
                  about={[
                    ...(roles.length > 0 ? [t(`team.role.${invitation.role}`)] : []),
                    t('team.validUntil', { day: dayIn(invitation.expiresAt, i18n.language) }),
                  ]}
                  actions={
                    <Button
                      tone="quiet"
                      isDisabled={busy}
                      aria-label={t('team.withdrawNamed', { name: forWhom(invitation) })}
                      onPress={() => withdraw(invitation.id)}
                    >
                      {t('team.withdraw')}
                    </Button>
                  }
                />
              ))}
            </Rows>
          )}
        </PartsList>
      )}
    </Section>
  );
}

/** To be copied now: it is not shown again. */
function MadeLink({ link }: { link: string }) {
  const { t } = useTranslation();
  const shown = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.made} role="status">
      <Field label={t('team.link')} value={link} isReadOnly inputRef={shown} help={t('team.linkOnce')} />
      <CopyLink link={link} tone="primary" shown={shown} />
    </div>
  );
}

interface InviteFormProps {
  roles: readonly Role[];
  busy: boolean;
  onInvite: (email: string | null, role: Role) => void;
  onCancel: () => void;
}

function InviteForm({ roles, busy, onInvite, onCancel }: InviteFormProps) {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [wrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const written = email.trim();
    const isWrong = written !== '' && !/^\S+@\S+$/.test(written);
    setWrong(isWrong);
    if (!isWrong) onInvite(written || null, role);
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('team.invite')}>
      <Field
        label={t('team.email')}
        type="email"
        value={email}
        onChange={setEmail}
        maxLength={254}
        autoComplete="off"
        inputMode="email"
        autoFocus
        help={t('team.emailHelp')}
        fault={wrong ? t('signUp.emailWrong') : null}
      />
      {roles.length > 1 ? (
        <Choice label={t('team.asWhat')} value={role} onChange={setRole} options={roles.map((value) => ({ value, label: t(`team.role.${value}`) }))} />
      ) : null}
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('team.makeLink')}
        </Button>
      </div>
    </form>
  );
}
