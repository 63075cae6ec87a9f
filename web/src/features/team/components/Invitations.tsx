/** Links into a team. To `InvitationLinks.tsx`. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import type { User } from '../../../api/accounts';
import type { Role } from '../../../api/teams';
import { useServices } from '../../../services';
import { InvitationLinks } from './InvitationLinks';

const BY_OWNER: readonly Role[] = ['member', 'admin', 'owner'];
const BY_ADMIN: readonly Role[] = ['member'];

export function Invitations({ team }: { team: User['teams'][number] }) {
  const { t } = useTranslation();
  const { api } = useServices();
  return (
    <InvitationLinks
      title={t('team.invitations')}
      text={t('team.invitationsText')}
      roles={team.role === 'owner' ? BY_OWNER : BY_ADMIN}
      load={useCallback((cursor: string | null) => api.invitations(team.id, cursor), [api, team.id])}
      make={(email, role) => api.invite(team.id, email, role)}
      takeBack={(id) => api.withdrawInvitation(team.id, id)}
    />
  );
}
