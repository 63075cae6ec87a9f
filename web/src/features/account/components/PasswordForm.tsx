/** Another password; everywhere else one is signed out by it. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { NewPassword } from '../../signIn/components/NewPassword';
import { PasswordField } from '../../signIn/components/PasswordField';
import { rulesKept } from '../../signIn/passwordRules';
import styles from './Account.module.css';

export function PasswordForm() {
  const { t } = useTranslation();
  const { api } = useServices();
  const { user } = useAccount();
  const { busy, fault, run } = useAttempt();
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [missing, setMissing] = useState<'current' | 'wanted' | null>(null);
  const [done, setDone] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const rules = rulesKept(wanted, user);
    const first = !current ? 'current' : !rules.long || !rules.own ? 'wanted' : null;
    setMissing(first);
    setDone(false);
    if (first) return;
    void run(async () => {
      await api.changePassword(current, wanted);
      setCurrent('');
      setWanted('');
      setDone(true);
    });
  };
  return (
    <Section title={t('account.password')} text={t('account.passwordText')}>
      <FaultNotice fault={fault} />
      <form className={styles.form} onSubmit={submit} noValidate aria-label={t('account.password')}>
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        <PasswordField
          label={t('account.currentPassword')}
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          fault={missing === 'current' ? t('signIn.passwordMissing') : null}
        />
        <NewPassword
          label={t('account.newPassword')}
          value={wanted}
          onChange={setWanted}
          email={user.email}
          name={user.name}
          fault={missing === 'wanted' ? t('signUp.passwordWeak') : null}
        />
        <div className={styles.buttons}>
          <Button type="submit" isDisabled={busy}>
            {t('account.changePassword')}
          </Button>
          <span role="status" className={styles.done}>
            {done ? t('account.passwordChanged') : ''}
          </span>
        </div>
      </form>
    </Section>
  );
}
