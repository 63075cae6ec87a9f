/** What an invitation's link leads to: an account for who has none, the team for who has one. */
import { LoaderCircle, MailX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { SeenInvitation } from '../../../api/teams';
import { signInPath } from '../../../routes';
import { useServices } from '../../../services';
import { useSession } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Link, useGo } from '../../../ui/Link';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { PageMenus } from '../../settings/components/PageMenus';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { faultOf, plainFault, type Fault } from '../../shell/faults';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useFaultWords } from '../../shell/hooks/useFaultWords';
import { useTitle } from '../../shell/hooks/useTitle';
import { forgetInvitation, readInvitation } from '../invitationToken';
import styles from './SignIn.module.css';
import { SignUpForm } from './SignUpForm';

export function InvitationPage() {
  const { t } = useTranslation();
  const [token] = useState(() => readInvitation(window.location, sessionStorage));
  useTitle(t('invitation.title'), t('app.name'));
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      {token === null ? <Refused fault={plainFault('invitation_not_found')} onRetry={() => undefined} /> : <Looked token={token} />}
    </Page>
  );
}

function Looked({ token }: { token: string }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const [seen, setSeen] = useState<SeenInvitation | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    api.seeInvitation(token).then(setSeen, (error: unknown) => setFault(faultOf(error)));
  }, [api, token, asked]);
  const again = () => {
    setFault(null);
    setAsked((times) => times + 1);
  };
  if (fault) return <Refused fault={fault} onRetry={again} />;
  return seen ? <Seen invitation={seen} token={token} /> : <StatusPage icon={LoaderCircle} title={t('app.loadingNow')} />;
}

function Refused({ fault, onRetry }: { fault: Fault; onRetry: () => void }) {
  const { t } = useTranslation();
  const words = useFaultWords(fault);
  const isOver = fault.code.endsWith('not_found');
  return (
    <StatusPage
      icon={MailX}
      title={isOver ? t('invitation.over') : t('invitation.failed')}
      text={isOver ? t('invitation.overText') : words}
      actions={
        <>
          {isOver ? null : <Button tone="primary" wide onPress={onRetry}>{t('app.tryAgain')}</Button>}
          <Link tone="plain" wide href="/">{t('app.home')}</Link>
        </>
      }
    />
  );
}

function Seen({ invitation, token }: { invitation: SeenInvitation; token: string }) {
  const { t } = useTranslation();
  const { state } = useSession();
  const go = useGo();
  const isIn = state.phase === 'signed_in';
  const done = () => {
    forgetInvitation(sessionStorage);
    go(invitation.team ? '/team' : '/');
  };
  return (
    <Card>
      <div className={styles.words}>
        <h1>{t('invitation.title')}</h1>
        <p className={styles.lead}>
          {invitation.team ? t('invitation.toTeam', { team: invitation.team.name }) : t('invitation.toSite')}
        </p>
      </div>
      {isIn ? (
        <Accept token={token} team={invitation.team?.name ?? null} name={state.user.name} />
      ) : (
        <>
          <SignUpForm invitedEmail={invitation.email} invitation={token} onDone={done} />
          <p className={styles.aside}>
            {t('signUp.haveAccount')} <Link href={signInPath('/invitation')}>{t('signIn.title')}</Link>
          </p>
        </>
      )}
    </Card>
  );
}

function Accept({ token, team, name }: { token: string; team: string | null; name: string }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { session } = useSession();
  const { busy, fault, run } = useAttempt();
  const go = useGo();
  const accept = async () => {
    await api.acceptInvitation(token);
    forgetInvitation(sessionStorage);
    session.setUser(await api.me());
    go('/team');
  };
  if (team === null) {
    return (
      <>
        <p>{t('invitation.alreadyIn', { name })}</p>
        <Link tone="primary" wide href="/">{t('app.home')}</Link>
      </>
    );
  }
  return (
    <>
      <p>{t('invitation.as', { name })}</p>
      <FaultNotice fault={fault} />
      <Button tone="primary" wide large isDisabled={busy} onPress={() => void run(accept)}>
        {t('invitation.join', { team })}
      </Button>
    </>
  );
}
