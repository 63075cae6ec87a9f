/** A new password, with what it has to be beside it. */
import { Circle, CircleCheck } from 'lucide-react';
import type { Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { classes } from '../../../ui/classes';
import { LEAST_CHARACTERS, rulesKept } from '../passwordRules';
import { PasswordField } from './PasswordField';
import styles from './SignIn.module.css';

interface NewPasswordProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Of whoever it protects. */
  email: string;
  name: string;
  fault: string | null;
  inputRef?: Ref<HTMLInputElement>;
}

export function NewPassword({ label, value, onChange, email, name, fault, inputRef }: NewPasswordProps) {
  const { t } = useTranslation();
  const kept = rulesKept(value, { email, name });
  return (
    <div className={styles.password}>
      <PasswordField
        label={label}
        name="new-password"
        value={value}
        onChange={onChange}
        autoComplete="new-password"
        fault={fault}
        {...(inputRef ? { inputRef } : {})}
      />
      <ul className={styles.rules} aria-label={t('signUp.rules')}>
        <Rule kept={kept.long}>{t('signUp.ruleLong', { count: LEAST_CHARACTERS })}</Rule>
        <Rule kept={kept.own}>{t('signUp.ruleOwn')}</Rule>
      </ul>
    </div>
  );
}

function Rule({ kept, children }: { kept: boolean; children: string }) {
  const { t } = useTranslation();
  return (
    <li className={classes(styles.rule, kept && styles.kept)}>
      {kept ? <CircleCheck aria-label={t('signUp.ruleKept')} /> : <Circle aria-hidden />}
      {children}
    </li>
  );
}
