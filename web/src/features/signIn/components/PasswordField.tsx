/** A password: hidden or shown, with a word if the capitals are locked. */
import { ArrowBigUpDash, Eye, EyeOff } from 'lucide-react';
import { useState, type ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';

import { IconButton } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import styles from './SignIn.module.css';

type PasswordFieldProps = Omit<ComponentProps<typeof Field>, 'type' | 'action'>;

export function PasswordField(props: PasswordFieldProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const [locked, setLocked] = useState(false);
  return (
    <div className={styles.password}>
      <Field
        {...props}
        type={shown ? 'text' : 'password'}
        maxLength={200}
        spellCheck="false"
        autoCorrect="off"
        onKeyUp={(event) => setLocked(event.getModifierState('CapsLock'))}
        onBlur={() => setLocked(false)}
        action={
          <IconButton
            tone="plain"
            label={shown ? t('signIn.hide') : t('signIn.show')}
            icon={shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
            onPress={() => setShown(!shown)}
          />
        }
      />
      <p role="status" className={styles.caps}>
        {locked ? (
          <>
            <ArrowBigUpDash aria-hidden /> {t('signIn.capsLock')}
          </>
        ) : null}
      </p>
    </div>
  );
}
