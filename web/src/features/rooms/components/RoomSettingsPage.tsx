/** The settings of one room: what it is called, who comes in and how, its hosts, its meetings, and its end. */
import { LogIn, Trash2, Video } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { MyRoom } from '../../../api/myRooms';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Link, useGo } from '../../../ui/Link';
import { Loading } from '../../../ui/Loading';
import { Question } from '../../../ui/Question';
import { Section } from '../../../ui/Section';
import { CopyLink } from '../../call/components/CopyLink';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { Shell } from '../../shell/components/Shell';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useOpenRoom } from '../hooks/useOpenRoom';
import { useRoom } from '../hooks/useRoom';
import { mayHost } from '../rights';
import { CoHosts } from './CoHosts';
import { Meetings } from './Meetings';
import { RoomBasics } from './RoomBasics';
import { RoomFacts } from './RoomFacts';
import styles from './Rooms.module.css';

export function RoomSettingsPage({ room: id }: { room: string }) {
  const { t } = useTranslation();
  const { user } = useAccount();
  const desk = useRoom(id);
  const opening = useOpenRoom();
  const { room } = desk;
  return (
    <Shell
      here="home"
      title={room?.title ?? t('room.settings')}
      back={{ href: '/', label: t('room.back') }}
      actions={
        room === null ? null : mayHost(room, user.id) ? (
          <Button tone="primary" icon={<Video aria-hidden />} isDisabled={opening.busy} onPress={() => opening.open(room.id)}>
            {room.live?.people ? t('rooms.join') : t('rooms.start')}
          </Button>
        ) : (
          <Link tone="primary" href={`/r/${room.id}`} icon={<LogIn aria-hidden />}>
            {t('rooms.join')}
          </Link>
        )
      }
    >
      <FaultNotice fault={opening.fault} />
      {room ? (
        <>
          {room.mayManage ? <RoomBasics desk={desk} room={room} /> : <RoomFacts room={room} />}
          <RoomLink room={room} />
          <Meetings room={room} />
          <CoHosts room={room} onChanged={desk.reload} />
          {room.mayManage ? <DeleteRoom room={room} /> : null}
        </>
      ) : desk.refusal ? (
        <FaultNotice fault={desk.refusal} action={<Button tone="quiet" onPress={desk.reload}>{t('app.tryAgain')}</Button>} />
      ) : (
        <Loading label={t('app.loading')} />
      )}
    </Shell>
  );
}

function RoomLink({ room }: { room: MyRoom }) {
  const { t } = useTranslation();
  const shown = useRef<HTMLInputElement>(null);
  return (
    <Section title={t('room.link')} text={room.lobby ? t('room.linkLobby') : t('room.linkOpen')}>
      <div className={styles.link}>
        <Field label={t('call.inviteLink')} value={room.link} isReadOnly inputRef={shown} />
        <CopyLink link={room.link} shown={shown} />
      </div>
    </Section>
  );
}

function DeleteRoom({ room }: { room: MyRoom }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { busy, fault, run } = useAttempt();
  const go = useGo();
  const [asked, setAsked] = useState(false);
  const remove = () =>
    void run(async () => {
      await api.deleteMyRoom(room.id);
      go('/');
    });
  return (
    <Section
      title={t('room.delete')}
      text={t('room.deleteText')}
      action={
        <Button icon={<Trash2 aria-hidden />} isDisabled={busy} onPress={() => setAsked(true)}>
          {t('room.deleteNow')}
        </Button>
      }
    >
      <FaultNotice fault={fault} />
      <Question
        title={t('room.deleteConfirm', { title: room.title })}
        text={t('room.deleteText')}
        yes={t('room.deleteNow')}
        isOpen={asked}
        onClose={() => setAsked(false)}
        onYes={remove}
      />
    </Section>
  );
}
