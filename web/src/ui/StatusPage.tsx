/** One thing that happened, what still works, and what to do: errors, endings, waiting. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import { Card } from './Card';
import styles from './StatusPage.module.css';

interface StatusPageProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  actions?: ReactNode;
}

export function StatusPage({ icon: Icon, title, text, actions }: StatusPageProps) {
  return (
    <Card>
      <div className={styles.status} role="status">
        <span className={styles.icon}>
          <Icon aria-hidden />
        </span>
        <h1 className={styles.title}>{title}</h1>
        {text ? <p className={styles.text}>{text}</p> : null}
      </div>
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </Card>
  );
}
