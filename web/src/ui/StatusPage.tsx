/** One thing that happened, what still works, and what to do: errors, endings, waiting. */
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';

import { Card } from './Card';
import styles from './StatusPage.module.css';

interface StatusPageProps {
  icon: LucideIcon;
  title: string;
  text?: string;
  actions?: ReactNode;
  /** What stood here before is gone: keyboard and screen reader go on from the heading. */
  takesFocus?: boolean;
}

export function StatusPage({ icon: Icon, title, text, actions, takesFocus = false }: StatusPageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <Card>
      <div className={styles.status}>
        <span className={styles.icon}>
          <Icon aria-hidden />
        </span>
        <h1 className={styles.title} ref={heading} tabIndex={-1}>{title}</h1>
        {text ? <p className={styles.text}>{text}</p> : null}
      </div>
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </Card>
  );
}
