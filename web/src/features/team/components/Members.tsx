/** Who is in a team, and as what. */
import { Check, ChevronDown, UserMinus, UsersRound } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { User } from '../../../api/accounts';
import { ROLES, type Member, type Role } from '../../../api/teams';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { ActionMenu } from '../../../ui/ActionMenu';
import { initialsOf } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Button, IconButton } from '../../../ui/Button';
import { Question } from '../../../ui/Question';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import styles from './Team.module.css';

export function Members({ team }: { team: User['teams'][number] }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { user } = useAccount();
  const members = useParts(useCallback((cursor: string | null) => api.members(team.id, cursor), [api, team.id]));
  const { busy, fault, run } = useAttempt();
  const [removing, setRemoving] = useState<Member | null>(null);
  const change = (member: Member, role: Role) =>
    void run(async () => {
      const changed = await api.changeRole(team.id, member.userId, role);
      members.change((items) => items.map((item) => (item.userId === changed.userId ? changed : item)));
    });
  const remove = ({ userId }: Member) =>
    void run(async () => {
      await api.removeMember(team.id, userId);
      members.change((items) => items.filter((item) => item.userId !== userId));
    });
  const mayRemove = (member: Member) =>
    member.userId !== user.id && (team.role === 'owner' || (team.role === 'admin' && member.role === 'member'));
  return (
    <Section title={t('team.members')}>
      <FaultNotice fault={fault} />
      <PartsList parts={members} empty={{ icon: UsersRound, title: t('team.noMembers') }}>
        {(items) => (
          <Rows label={t('team.members')}>
            {items.map((member) => (
              <Row
                key={member.userId}
                icon={<span className={styles.initials}>{initialsOf(member.name)}</span>}
                title={
                  <>
                    <bdi>{member.name}</bdi>
                    {member.userId === user.id ? <Badge>{t('people.you')}</Badge> : null}
                  </>
                }
                about={[member.email, team.role === 'owner' ? null : t(`team.role.${member.role}`)]}
                actions={
                  <>
                    {team.role === 'owner' ? <RoleMenu member={member} busy={busy} onRole={(role) => change(member, role)} /> : null}
                    {mayRemove(member) ? (
                      <IconButton
                        label={t('team.remove', { name: member.name })}
                        icon={<UserMinus aria-hidden />}
                        isDisabled={busy}
                        placement="left"
                        onPress={() => setRemoving(member)}
                      />
                    ) : null}
                  </>
                }
              />
            ))}
          </Rows>
        )}
      </PartsList>
      <Question
        title={t('team.removeConfirm', { name: removing?.name ?? '' })}
        text={t('team.removeText')}
        yes={t('team.removeNow')}
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        onYes={() => removing && remove(removing)}
      />
    </Section>
  );
}

function RoleMenu({ member, busy, onRole }: { member: Member; busy: boolean; onRole: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <ActionMenu
      label={t('team.roleOf', { name: member.name })}
      placement="bottom end"
      parts={[
        ROLES.map((role) => ({
          id: role,
          label: t(`team.role.${role}`),
          icon: role === member.role ? <Check aria-hidden /> : <span className={styles.space} />,
          onAction: () => onRole(role),
        })),
      ]}
    >
      <Button tone="quiet" icon={<ChevronDown aria-hidden />} isDisabled={busy} aria-label={t('team.roleOfIs', { name: member.name, role: t(`team.role.${member.role}`) })}>
        {t(`team.role.${member.role}`)}
      </Button>
    </ActionMenu>
  );
}
