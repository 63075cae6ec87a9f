/** Make a room that lasts: its title, whose it is, and whether guests wait before it. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { MyRoom } from '../../../api/myRooms';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Sheet } from '../../../ui/Overlay';
import { Picker } from '../../../ui/Picker';
import { Toggle } from '../../../ui/Toggle';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import styles from './Rooms.module.css';

const MINE = 'mine';

interface NewRoomDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onMade: (room: MyRoom) => void;
}

export function NewRoomDialog({ isOpen, onClose, onMade }: NewRoomDialogProps) {
  const { t } = useTranslation();
  return (
    <Sheet title={t('rooms.new')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      <NewRoomForm onClose={onClose} onMade={onMade} />
    </Sheet>
  );
}

function NewRoomForm({ onClose, onMade }: Omit<NewRoomDialogProps, 'isOpen'>) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { user } = useAccount();
  const { busy, fault, run } = useAttempt();
  const [title, setTitle] = useState('');
  const [lobby, setLobby] = useState(false);
  const [team, setTeam] = useState(MINE);
  const [missing, setMissing] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(!title.trim());
    if (!title.trim()) return;
    void run(async () => {
      onMade(await api.makeMyRoom({ title: title.trim(), lobby, ...(team === MINE ? {} : { teamId: team }) }));
      onClose();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <FaultNotice fault={fault} />
      <Field
        label={t('room.title')}
        placeholder={t('room.titlePlaceholder')}
        value={title}
        onChange={setTitle}
        maxLength={80}
        autoFocus
        autoComplete="off"
        fault={missing ? t('room.titleMissing') : null}
      />
      {user.teams.length > 0 ? (
        <Picker
          label={t('room.whose')}
          placeholder={t('room.whoseMine')}
          value={team}
          onChange={setTeam}
          help={team === MINE ? undefined : t('room.whoseTeamHelp')}
          sections={[{ id: 'whose', options: [{ id: MINE, label: t('room.whoseMine') }, ...user.teams.map(({ id, name }) => ({ id, label: name }))] }]}
        />
      ) : null}
      <Toggle label={t('room.lobby')} help={t('room.lobbyHelp')} isSelected={lobby} onChange={setLobby} />
      <div className={styles.buttons}>
        <Button onPress={onClose}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('room.make')}
        </Button>
      </div>
    </form>
  );
}
