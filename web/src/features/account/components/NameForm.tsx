/** How the others see me. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import styles from './Account.module.css';

export function NameForm() {
  const { t } = useTranslation();
  const { api } = useServices();
  const { session, user } = useAccount();
  const { busy, fault, run } = useAttempt();
  const [name, setName] = useState(user.name);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim()) void run(async () => session.setUser(await api.changeName(name.trim())));
  };
  return (
    <Section title={t('account.me')} text={user.email}>
      <FaultNotice fault={fault} />
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('lobby.name')}
          value={name}
          onChange={setName}
          maxLength={60}
          autoComplete="name"
          fault={name.trim() ? null : t('signUp.nameMissing')}
          action={
            <Button type="submit" isDisabled={busy || name.trim() === user.name}>
              {t('room.save')}
            </Button>
          }
        />
      </form>
    </Section>
  );
}
