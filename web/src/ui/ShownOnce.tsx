/** A secret that was just made: to be copied now, for it is not shown again. */
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import { CopyText } from './CopyText';
import styles from './ShownOnce.module.css';

interface ShownOnceProps {
  text: string;
  secret: string;
  onKept: () => void;
}

export function ShownOnce({ text, secret, onKept }: ShownOnceProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.made} role="status">
      <p>{text}</p>
      <code className={styles.secret}>{secret}</code>
      <div className={styles.buttons}>
        <CopyText text={secret} />
        <Button tone="quiet" onPress={onKept}>
          {t('account.keyKept')}
        </Button>
      </div>
    </div>
  );
}
