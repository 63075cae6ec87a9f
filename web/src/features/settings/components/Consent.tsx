/** Agree to be interpreted, or not: a switch with one sentence of what happens to the voice either way. */
import { Languages } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { classes } from '../../../ui/classes';
import { Toggle } from '../../../ui/Toggle';
import styles from './Consent.module.css';

interface ConsentProps {
  /** Speaks a language; who only listens has nothing to agree to. */
  speaks: boolean;
  agreed: boolean;
  onChange: (agreed: boolean) => void;
}

export function Consent({ speaks, agreed, onChange }: ConsentProps) {
  const { t } = useTranslation();
  const help = !speaks ? t('lobby.consentListens') : agreed ? t('lobby.consentHelp') : t('lobby.noConsentHelp');
  return (
    <div className={classes(styles.consent, speaks && !agreed && styles.open)}>
      <Languages aria-hidden className={styles.icon} />
      <Toggle label={t('lobby.consent')} help={help} isSelected={speaks && agreed} isDisabled={!speaks} onChange={onChange} />
    </div>
  );
}
