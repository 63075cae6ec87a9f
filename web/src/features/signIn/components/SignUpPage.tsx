/** Make an account: for everybody where the server lets everybody, else by an invitation. */
import { MailQuestion } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Site } from '../../../api/accounts';
import { Card } from '../../../ui/Card';
import { Link } from '../../../ui/Link';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { PageMenus } from '../../settings/components/PageMenus';
import { useTitle } from '../../shell/hooks/useTitle';
import styles from './SignIn.module.css';
import { SignUpForm } from './SignUpForm';

export function SignUpPage({ site }: { site: Site }) {
  const { t } = useTranslation();
  useTitle(t('signUp.title'), t('app.name'));
  const signIn = `/sign-in${window.location.search}`;
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      {site.signUp === 'open' ? (
        <Card>
          <div className={styles.words}>
            <h1>{t('signUp.title')}</h1>
            <p className={styles.lead}>{t('signUp.lead')}</p>
          </div>
          <SignUpForm invitedEmail={null} invitation={null} />
          <p className={styles.aside}>
            {t('signUp.haveAccount')} <Link href={signIn}>{t('signIn.title')}</Link>
          </p>
        </Card>
      ) : (
        <StatusPage
          icon={MailQuestion}
          title={t('signUp.byInvitation')}
          text={t('signUp.byInvitationText')}
          actions={<Link tone="plain" wide href={signIn}>{t('signIn.title')}</Link>}
        />
      )}
    </Page>
  );
}
