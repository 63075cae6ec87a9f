/** The first page of who is signed in: their rooms, and a call at once. */
import { CalendarPlus, Plus, Video } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { MyRoom } from '../../../api/myRooms';
import { useServices } from '../../../services';
import { Button } from '../../../ui/Button';
import { useGo } from '../../../ui/Link';
import { JoinByLink } from '../../home/components/JoinByLink';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { Shell } from '../../shell/components/Shell';
import { useParts, type Parts } from '../../shell/hooks/useParts';
import { useOpenRoom, type OpenRoom } from '../hooks/useOpenRoom';
import { NewRoomDialog } from './NewRoomDialog';
import { RoomCard } from './RoomCard';
import styles from './Rooms.module.css';

export function MyRoomsPage() {
  const { t } = useTranslation();
  const { api } = useServices();
  const rooms = useParts(useCallback((cursor: string | null) => api.myRooms(cursor), [api]));
  const opening = useOpenRoom();
  const go = useGo();
  const [isMaking, setMaking] = useState(false);
  const make = () => setMaking(true);
  return (
    <Shell
      here="home"
      title={t('rooms.title')}
      actions={
        <>
          <Button icon={<Video aria-hidden />} isDisabled={opening.busy} onPress={opening.callNow}>
            {t('rooms.callNow')}
          </Button>
          <Button tone="primary" icon={<Plus aria-hidden />} onPress={make}>
            {t('rooms.new')}
          </Button>
        </>
      }
    >
      <FaultNotice fault={opening.fault} />
      <Rooms rooms={rooms} opening={opening} onMake={make} />
      <div className={styles.join}>
        <JoinByLink onOpenRoom={(room) => go(`/r/${room}`)} />
      </div>
      <NewRoomDialog isOpen={isMaking} onClose={() => setMaking(false)} onMade={(room) => go(`/rooms/${room.id}`)} />
    </Shell>
  );
}

function Rooms({ rooms, opening, onMake }: { rooms: Parts<MyRoom>; opening: OpenRoom; onMake: () => void }) {
  const { t } = useTranslation();
  const empty = {
    icon: CalendarPlus,
    title: t('rooms.empty'),
    text: t('rooms.emptyText'),
    action: (
      <Button tone="primary" icon={<Plus aria-hidden />} onPress={onMake}>
        {t('rooms.new')}
      </Button>
    ),
  };
  return (
    <PartsList parts={rooms} empty={empty}>
      {(items) => (
        <ul className={styles.cards} aria-label={t('rooms.title')}>
          {items.map((room) => (
            <RoomCard key={room.id} room={room} opening={opening} />
          ))}
        </ul>
      )}
    </PartsList>
  );
}
