/** Make a team: its name is enough. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Sheet } from '../../../ui/Overlay';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import styles from './Team.module.css';

interface NewTeamDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onMade: (id: string) => void;
}

export function NewTeamDialog({ isOpen, onClose, onMade }: NewTeamDialogProps) {
  const { t } = useTranslation();
  return (
    <Sheet title={t('team.new')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      <NewTeamForm onClose={onClose} onMade={onMade} />
    </Sheet>
  );
}

function NewTeamForm({ onClose, onMade }: Omit<NewTeamDialogProps, 'isOpen'>) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { session } = useAccount();
  const { busy, fault, run } = useAttempt();
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(!name.trim());
    if (!name.trim()) return;
    void run(async () => {
      const made = await api.makeTeam(name.trim());
      session.setUser(await api.me());
      onMade(made.id);
      onClose();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <FaultNotice fault={fault} />
      <Field
        label={t('team.name')}
        value={name}
        onChange={setName}
        maxLength={80}
        autoFocus
        autoComplete="organization"
        fault={missing ? t('team.nameMissing') : null}
      />
      <div className={styles.buttons}>
        <Button onPress={onClose}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('team.make')}
        </Button>
      </div>
    </form>
  );
}
