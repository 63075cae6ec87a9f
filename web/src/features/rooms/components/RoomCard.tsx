/** One of my rooms: when it is used next, who is in it, and the way in. */
import { CalendarDays, CalendarArrowDown, LogIn, Settings2, Video } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { calendarAddress, type MyRoom } from '../../../api/myRooms';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Link } from '../../../ui/Link';
import { useAccount } from '../../../session/useSession';
import { CopyLink } from '../../call/components/CopyLink';
import type { OpenRoom } from '../hooks/useOpenRoom';
import { mayHost } from '../rights';
import { lengthIn, momentIn } from '../when';
import styles from './Rooms.module.css';

export function RoomCard({ room, opening }: { room: MyRoom; opening: OpenRoom }) {
  const { t, i18n } = useTranslation();
  const { user } = useAccount();
  const team = user.teams.find(({ id }) => id === room.teamId);
  const isHost = mayHost(room, user.id);
  const hasSettings = isHost || room.mayManage;
  const next = room.nextMeeting;
  const people = room.live?.people ?? 0;
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <h2 className={styles.cardTitle}>
          {hasSettings ? <Link href={`/rooms/${room.id}`}>{room.title}</Link> : <bdi>{room.title}</bdi>}
        </h2>
        {people > 0 ? <Badge tone="live">{t('rooms.live', { count: people })}</Badge> : null}
      </div>
      <div className={styles.facts}>
        <p className={styles.next}>
          <CalendarDays aria-hidden />
          {next ? t('rooms.next', { when: momentIn(next.startsAt, i18n.language), length: lengthIn(next.minutes, i18n.language) }) : t('rooms.noNext')}
        </p>
        <p className={styles.of}>
          {room.mine ? null : <bdi>{t('rooms.of', { name: room.owner.name })}</bdi>}
          {team ? <bdi>{team.name}</bdi> : null}
          {room.lobby ? <span>{t('rooms.hasLobby')}</span> : null}
        </p>
      </div>
      <div className={styles.cardActions}>
        {isHost ? (
          <Button tone="primary" icon={<Video aria-hidden />} isDisabled={opening.busy} onPress={() => opening.open(room.id)}>
            {people > 0 ? t('rooms.join') : t('rooms.start')}
          </Button>
        ) : (
          <Link tone="primary" href={`/r/${room.id}`} icon={<LogIn aria-hidden />}>
            {t('rooms.join')}
          </Link>
        )}
        <CopyLink link={room.link} />
        <span className={styles.small}>
          {next ? (
            <a className={styles.iconLink} href={calendarAddress(room.id)} download aria-label={t('rooms.calendarOf', { title: room.title })}>
              <CalendarArrowDown aria-hidden />
            </a>
          ) : null}
          {hasSettings ? (
            <Link className={styles.iconLink} href={`/rooms/${room.id}`} aria-label={t('rooms.settingsOf', { title: room.title })}>
              <Settings2 aria-hidden />
            </Link>
          ) : null}
        </span>
      </div>
    </li>
  );
}
