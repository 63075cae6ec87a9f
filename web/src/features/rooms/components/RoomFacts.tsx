/** What a room is, for those who see it and may not change it. */
import { useTranslation } from 'react-i18next';

import type { MyRoom } from '../../../api/myRooms';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';

export function RoomFacts({ room }: { room: MyRoom }) {
  const { t } = useTranslation();
  const who = { name: room.owner.name };
  return (
    <Section title={t('room.settings')} text={room.teamId ? t('room.changedByTeam', who) : t('room.changedByOwner', who)}>
      <Rows label={t('room.settings')}>
        <Row title={t('room.lobby')} about={[room.lobby ? t('room.lobbyHelp') : t('room.off')]} />
        <Row title={t('room.interpretation')} about={[room.interpretation ? t('room.interpretationHelp') : t('room.off')]} />
        <Row title={t('room.mostPeople')} about={[room.mostPeople?.toString() ?? t('room.mostPeopleAny')]} />
      </Rows>
    </Section>
  );
}
