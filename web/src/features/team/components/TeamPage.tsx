/** My teams: who is in one, who is invited, and what was done. */
import { Plus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Picker } from '../../../ui/Picker';
import { Section } from '../../../ui/Section';
import { Shell } from '../../shell/components/Shell';
import { AuditList } from './AuditList';
import { Figures } from './Figures';
import { Invitations } from './Invitations';
import { Members } from './Members';
import { NewTeamDialog } from './NewTeamDialog';
import { TeamSettings } from './TeamSettings';
import { Webhooks } from './Webhooks';

export function TeamPage() {
  const { t } = useTranslation();
  const { user } = useAccount();
  const [chosen, setChosen] = useState<string | null>(null);
  const [isMaking, setMaking] = useState(false);
  const team = user.teams.find(({ id }) => id === chosen) ?? user.teams[0];
  const make = (
    <Button tone={team ? 'plain' : 'primary'} icon={<Plus aria-hidden />} onPress={() => setMaking(true)}>
      {t('team.new')}
    </Button>
  );
  return (
    <Shell here="team" title={team?.name ?? t('team.title')} actions={team ? make : null}>
      {user.teams.length > 1 && team ? (
        <Picker
          label={t('team.which')}
          placeholder={t('team.which')}
          value={team.id}
          onChange={setChosen}
          sections={[{ id: 'teams', options: user.teams.map(({ id, name }) => ({ id, label: name })) }]}
        />
      ) : null}
      {team ? (
        <TeamParts key={team.id} team={team} />
      ) : (
        <Section title={t('team.title')}>
          <Empty icon={UsersRound} title={t('team.empty')} text={t('team.emptyText')} action={make} />
        </Section>
      )}
      <NewTeamDialog isOpen={isMaking} onClose={() => setMaking(false)} onMade={setChosen} />
    </Shell>
  );
}

type TeamOfMine = ReturnType<typeof useAccount>['user']['teams'][number];

function TeamParts({ team }: { team: TeamOfMine }) {
  const { user } = useAccount();
  const manages = team.role !== 'member';
  return (
    <>
      <Members team={team} />
      {manages ? <Invitations team={team} /> : null}
      {manages ? <Webhooks team={team.id} /> : null}
      {manages && user.limits.analytics ? <Figures team={team.id} /> : null}
      <TeamSettings team={team} />
      {manages ? <TeamAudit team={team.id} /> : null}
    </>
  );
}

function TeamAudit({ team }: { team: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t('audit.title')} text={t('audit.text')}>
      <AuditList team={team} />
    </Section>
  );
}
