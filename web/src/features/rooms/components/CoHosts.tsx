/** Who may also begin the calls of a room and do there what its owner may. */
import { Crown, UserMinus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { MyRoom } from '../../../api/myRooms';
import { wholeList } from '../../../api/paging';
import type { Member } from '../../../api/teams';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { IconButton } from '../../../ui/Button';
import { Picker } from '../../../ui/Picker';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';

export function CoHosts({ room, onChanged }: { room: MyRoom; onChanged: () => void }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { user } = useAccount();
  const { busy, fault, run } = useAttempt();
  const colleagues = useColleagues(room, user.teams);
  const isHost = (id: string) => id === room.owner.id || room.hosts.some((host) => host.id === id);
  const free = colleagues.filter(({ userId }) => !isHost(userId));
  const change = (task: Promise<void>) =>
    void run(async () => {
      await task;
      onChanged();
    });
  return (
    <Section title={t('room.hosts')} text={t('room.hostsText')}>
      <FaultNotice fault={fault} />
      <Rows label={t('room.hosts')}>
        <Row icon={<Crown aria-hidden />} title={<bdi>{room.owner.name}</bdi>} about={[t('room.owner')]} />
        {room.hosts
          .filter(({ id }) => id !== room.owner.id)
          .map((host) => (
            <Row
              key={host.id}
              icon={<Crown aria-hidden />}
              title={<bdi>{host.name}</bdi>}
              about={[t('room.coHost')]}
              actions={
                room.mayManage ? (
                  <IconButton
                    label={t('room.removeHost', { name: host.name })}
                    icon={<UserMinus aria-hidden />}
                    isDisabled={busy}
                    placement="left"
                    onPress={() => change(api.removeRoomHost(room.id, host.id))}
                  />
                ) : null
              }
            />
          ))}
      </Rows>
      {room.mayManage && free.length > 0 ? (
        <Picker
          label={t('room.addHost')}
          placeholder={t('room.chooseHost')}
          value={null}
          isDisabled={busy}
          onChange={(id) => change(api.addRoomHost(room.id, id))}
          sections={[{ id: 'people', options: free.map(({ userId, name, email }) => ({ id: userId, label: name, aside: email })) }]}
        />
      ) : null}
      {room.mine && user.teams.length === 0 ? <p>{t('room.hostsNeedTeam')}</p> : null}
    </Section>
  );
}

/** The people of the room's team, or of all my teams if it has none; nobody for who may add none. */
function useColleagues({ teamId, mayManage }: MyRoom, teams: readonly { id: string }[]): readonly Member[] {
  const { api } = useServices();
  const [members, setMembers] = useState<readonly Member[]>([]);
  const asked = !mayManage ? '' : teamId ?? teams.map(({ id }) => id).join(' ');
  useEffect(() => {
    let gone = false;
    const lists = asked.split(' ').filter(Boolean).map((id) => wholeList((cursor, limit) => api.members(id, cursor, limit)));
    // Without the list nobody can be added here; what is there already is shown all the same.
    Promise.all(lists).then(
      (teamsMembers) => {
        const all = new Map(teamsMembers.flat().map((member) => [member.userId, member]));
        if (!gone) setMembers([...all.values()]);
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [api, asked]);
  return members;
}
