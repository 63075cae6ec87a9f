/** Name, e-mail and password of a new account. */
import { useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { rulesKept } from '../passwordRules';
import { NewPassword } from './NewPassword';
import styles from './SignIn.module.css';

interface SignUpFormProps {
  /** Of whoever was invited; then it cannot be another one. */
  invitedEmail: string | null;
  invitation: string | null;
  onDone?: () => void;
}

type Missing = 'name' | 'email' | 'password';

export function SignUpForm({ invitedEmail, invitation, onDone }: SignUpFormProps) {
  const { t } = useTranslation();
  const { session } = useSession();
  const { busy, fault, run } = useAttempt();
  const [name, setName] = useState('');
  const [email, setEmail] = useState(invitedEmail ?? '');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<Missing | null>(null);
  const nameField = useRef<HTMLInputElement>(null);
  const emailField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const rules = rulesKept(password, { email, name });
    const first = !name.trim() ? 'name' : !/^\S+@\S+$/.test(email.trim()) ? 'email' : !rules.long || !rules.own ? 'password' : null;
    setMissing(first);
    if (first) {
      ({ name: nameField, email: emailField, password: passwordField })[first].current?.focus();
      return;
    }
    const user = { email: email.trim(), name: name.trim(), password, ...(invitation ? { invitation } : {}) };
    void run(() => session.signUp(user)).then((done) => {
      if (done) onDone?.();
    });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('signUp.title')}>
      <FaultNotice fault={fault} />
      <Field
        label={t('signUp.name')}
        name="name"
        value={name}
        onChange={setName}
        maxLength={60}
        autoComplete="name"
        inputRef={nameField}
        fault={missing === 'name' ? t('signUp.nameMissing') : null}
      />
      <Field
        label={t('signIn.email')}
        type="email"
        name="email"
        value={email}
        onChange={setEmail}
        maxLength={254}
        autoComplete="username"
        inputMode="email"
        isReadOnly={invitedEmail !== null}
        inputRef={emailField}
        help={invitedEmail !== null ? t('signUp.emailInvited') : undefined}
        fault={missing === 'email' ? t('signUp.emailWrong') : null}
      />
      <NewPassword
        label={t('signIn.password')}
        value={password}
        onChange={setPassword}
        email={email}
        name={name}
        inputRef={passwordField}
        fault={missing === 'password' ? t('signUp.passwordWeak') : null}
      />
      <Button tone="primary" type="submit" wide large isDisabled={busy}>
        {busy ? t('signUp.making') : t('signUp.make')}
      </Button>
    </form>
  );
}
