/** The name of a team, leaving it, and its end. */
import { DoorOpen, Trash2 } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { User } from '../../../api/accounts';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Question } from '../../../ui/Question';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import styles from './Team.module.css';

export function TeamSettings({ team }: { team: User['teams'][number] }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { session, user } = useAccount();
  const { busy, fault, run } = useAttempt();
  const [name, setName] = useState(team.name);
  const [asked, setAsked] = useState<'leave' | 'delete' | null>(null);
  const after = (task: () => Promise<unknown>) =>
    void run(async () => {
      await task();
      session.setUser(await api.me());
    });
  const rename = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim()) after(() => api.renameTeam(team.id, name.trim()));
  };
  return (
    <Section title={t('team.settings')}>
      <FaultNotice fault={fault} />
      {team.role === 'member' ? null : (
        <form onSubmit={rename} noValidate>
          <Field
            label={t('team.name')}
            value={name}
            onChange={setName}
            maxLength={80}
            autoComplete="off"
            fault={name.trim() ? null : t('team.nameMissing')}
            action={
              <Button type="submit" isDisabled={busy || name.trim() === team.name}>
                {t('room.save')}
              </Button>
            }
          />
        </form>
      )}
      <div className={styles.buttons}>
        <Button icon={<DoorOpen aria-hidden />} isDisabled={busy} onPress={() => setAsked('leave')}>
          {t('team.leave')}
        </Button>
        {team.role === 'owner' ? (
          <Button icon={<Trash2 aria-hidden />} isDisabled={busy} onPress={() => setAsked('delete')}>
            {t('team.delete')}
          </Button>
        ) : null}
      </div>
      <Question
        title={t('team.leaveConfirm', { team: team.name })}
        text={t('team.leaveText')}
        yes={t('team.leave')}
        isOpen={asked === 'leave'}
        onClose={() => setAsked(null)}
        onYes={() => after(() => api.removeMember(team.id, user.id))}
      />
      <Question
        title={t('team.deleteConfirm', { team: team.name })}
        text={t('team.deleteText')}
        yes={t('team.delete')}
        isOpen={asked === 'delete'}
        onClose={() => setAsked(null)}
        onYes={() => after(() => api.deleteTeam(team.id))}
      />
    </Section>
  );
}
