/** Sign in, by e-mail and password or by a provider; a guest goes on by a link. */
import { LogIn } from 'lucide-react';
import { useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Site } from '../../../api/accounts';
import { signInPath } from '../../../routes';
import { useSession } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Field } from '../../../ui/Field';
import { Link, useGo } from '../../../ui/Link';
import { Notice } from '../../../ui/Notice';
import { Page } from '../../../ui/Page';
import { JoinByLink } from '../../home/components/JoinByLink';
import { PageMenus } from '../../settings/components/PageMenus';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useTitle } from '../../shell/hooks/useTitle';
import { forgetProblem, problemOf } from '../providerProblem';
import { PasswordField } from './PasswordField';
import { ProviderButton } from './ProviderButton';
import { ProviderProblem } from './ProviderProblem';
import styles from './SignIn.module.css';

interface SignInPageProps {
  site: Site;
  /** A page that needs an account, and is shown once somebody is signed in. */
  wanted: string | null;
  ended: boolean;
}

export function SignInPage({ site, wanted, ended }: SignInPageProps) {
  const { t } = useTranslation();
  const go = useGo();
  useTitle(t('signIn.title'), t('app.name'));
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <Card>
        <div className={styles.words}>
          <h1>{t('signIn.title')}</h1>
          <p className={styles.lead}>{wanted ? t('signIn.needed') : t('signIn.lead')}</p>
        </div>
        {ended ? <Notice tone="info">{t('signIn.ended')}</Notice> : null}
        <SignInForm cameBack={problemOf(window.location.search)} />
        {site.oidc ? <ProviderButton name={site.oidc.name} wide /> : null}
        {site.signUp === 'open' ? (
          <p className={styles.aside}>
            {t('signIn.noAccount')} <Link href={signInPath(wanted ?? '/').replace('/sign-in', '/sign-up')}>{t('signUp.title')}</Link>
          </p>
        ) : (
          <p className={styles.aside}>{t('signIn.byInvitation')}</p>
        )}
        <p className={styles.or}>
          <span>{t('signIn.guest')}</span>
        </p>
        <JoinByLink onOpenRoom={(room) => go(`/r/${room}`)} />
      </Card>
    </Page>
  );
}

/** `cameBack`: why the provider's way did not work. */
function SignInForm({ cameBack }: { cameBack: string | null }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const { busy, fault, run } = useAttempt();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState(cameBack);
  const [missing, setMissing] = useState<'email' | 'password' | null>(null);
  const emailField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const empty = !email.trim() ? 'email' : !password ? 'password' : null;
    setMissing(empty);
    setProblem(null);
    forgetProblem();
    if (empty) {
      (empty === 'email' ? emailField : passwordField).current?.focus();
      return;
    }
    void run(() => session.signIn(email.trim(), password)).then((done) => {
      if (!done) passwordField.current?.select();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('signIn.title')}>
      {problem ? <ProviderProblem code={problem} /> : <FaultNotice fault={fault} />}
      <Field
        label={t('signIn.email')}
        type="email"
        name="email"
        value={email}
        onChange={setEmail}
        maxLength={254}
        autoComplete="username"
        inputMode="email"
        inputRef={emailField}
        fault={missing === 'email' ? t('signIn.emailMissing') : null}
      />
      <PasswordField
        label={t('signIn.password')}
        name="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        inputRef={passwordField}
        fault={missing === 'password' ? t('signIn.passwordMissing') : null}
      />
      <Button tone="primary" type="submit" wide large isDisabled={busy} icon={<LogIn aria-hidden />}>
        {busy ? t('signIn.signingIn') : t('signIn.title')}
      </Button>
    </form>
  );
}
