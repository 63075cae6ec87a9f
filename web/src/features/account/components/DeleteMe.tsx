/** The end of my account, after the password and plain words on what goes. */
import { Trash2 } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Sheet } from '../../../ui/Overlay';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { PasswordField } from '../../signIn/components/PasswordField';
import styles from './Account.module.css';

export function DeleteMe() {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  return (
    <Section
      title={t('account.delete')}
      text={t('account.deleteText')}
      action={
        <Button icon={<Trash2 aria-hidden />} onPress={() => setAsked(true)}>
          {t('account.deleteNow')}
        </Button>
      }
    >
      <Sheet title={t('account.deleteConfirm')} closeLabel={t('app.close')} isOpen={asked} onClose={() => setAsked(false)}>
        <DeleteForm onCancel={() => setAsked(false)} />
      </Sheet>
    </Section>
  );
}

function DeleteForm({ onCancel }: { onCancel: () => void }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { session, user } = useAccount();
  const { busy, fault, run } = useAttempt();
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const isMissing = user.hasPassword && !password;
    setMissing(isMissing);
    if (isMissing) return;
    void run(async () => {
      await api.deleteMe(password);
      session.forget();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <ul className={styles.list}>
        <li>{t('account.goesRooms')}</li>
        <li>{t('account.goesKeys')}</li>
        <li>{t('account.goesName')}</li>
        <li>{t('account.staysLog')}</li>
      </ul>
      <FaultNotice fault={fault} />
      {user.hasPassword ? (
        <PasswordField
          label={t('account.currentPassword')}
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          fault={missing ? t('signIn.passwordMissing') : null}
        />
      ) : null}
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="danger" type="submit" isDisabled={busy}>
          {t('account.deleteNow')}
        </Button>
      </div>
    </form>
  );
}
