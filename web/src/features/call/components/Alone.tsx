/** What to do while nobody else is there. */
import { GraduationCap } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import type { Practice } from '../hooks/usePractice';
import styles from './Alone.module.css';
import { CopyLink } from './CopyLink';

export function Alone({ link, practice }: { link: string; practice: Practice | null }) {
  const { t } = useTranslation();
  return (
    <div className={styles.alone}>
      <h2>{t('call.alone')}</h2>
      <p className={styles.text}>{practice ? t('call.aloneText') : t('call.aloneLinkOnly')}</p>
      <p className={styles.link}>{link}</p>
      <div className={styles.actions}>
        <CopyLink link={link} tone="primary" />
        {practice ? (
          <Button icon={<GraduationCap aria-hidden />} onPress={practice.add} isDisabled={practice.asking}>
            {t('call.practice')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
