/** Says what happened, what still works, and one thing to do. */
import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';

import { IconButton } from './Button';
import { classes } from './classes';
import styles from './Notice.module.css';

interface NoticeProps {
  tone: 'info' | 'warning' | 'danger';
  children: ReactNode;
  action?: ReactNode;
  onClose?: () => void;
  closeLabel?: string;
}

const ICONS = { info: Info, warning: TriangleAlert, danger: CircleAlert };

export function Notice({ tone, children, action, onClose, closeLabel = '' }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className={classes(styles.notice, styles[tone])} role={tone === 'info' ? 'status' : 'alert'}>
      <Icon aria-hidden className={styles.icon} />
      <div className={styles.words}>{children}</div>
      {action ? <div className={styles.action}>{action}</div> : null}
      {onClose ? (
        <div className={styles.close}>
          <IconButton label={closeLabel} icon={<X aria-hidden />} onPress={onClose} />
        </div>
      ) : null}
    </div>
  );
}
