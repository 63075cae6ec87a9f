/** There is nothing yet: what will stand here, and how it gets here. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import styles from './Empty.module.css';

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, text, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.icon}>
        <Icon aria-hidden />
      </span>
      <p className={styles.title}>{title}</p>
      {text ? <p className={styles.text}>{text}</p> : null}
      {action}
    </div>
  );
}
