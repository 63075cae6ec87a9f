/** What to do while nobody else is there. */
import { useRef } from 'react';
import { GraduationCap, LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import type { Practice } from '../hooks/usePractice';
import styles from './Alone.module.css';
import { CopyLink } from './CopyLink';

export function Alone({ link, practice }: { link: string; practice: Practice | null }) {
  const { t } = useTranslation();
  const shown = useRef<HTMLParagraphElement>(null);
  return (
    <div className={styles.alone}>
      <h2>{t('call.alone')}</h2>
      <p className={styles.text}>{practice ? t('call.aloneText') : t('call.aloneLinkOnly')}</p>
      <p className={styles.link} ref={shown}>
        {link}
      </p>
      <div className={styles.actions}>
        <CopyLink link={link} tone="primary" shown={shown} />
        {practice && !practice.onTheWay ? (
          <Button icon={<GraduationCap aria-hidden />} onPress={practice.add} isDisabled={practice.asking}>
            {t('call.practice')}
          </Button>
        ) : null}
      </div>
      <p className={styles.onTheWay} role="status">
        {practice?.onTheWay ? (
          <>
            <LoaderCircle aria-hidden /> {t('call.practiceAdded')}
          </>
        ) : null}
      </p>
    </div>
  );
}
