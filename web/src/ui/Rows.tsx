/** A list of things, one under the other: what each is, a few quiet words about it, and what can be done. */
import type { ReactNode } from 'react';

import styles from './Rows.module.css';

export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={styles.rows} aria-label={label}>
      {children}
    </ul>
  );
}

interface RowProps {
  icon?: ReactNode;
  title: ReactNode;
  /** Said one after the other; empty ones vanish. */
  about?: readonly (string | null | undefined | false)[];
  /** Below the words. */
  more?: ReactNode;
  actions?: ReactNode;
}

export function Row({ icon, title, about = [], more, actions }: RowProps) {
  const said = about.filter(Boolean).join(' · ');
  return (
    <li className={styles.row}>
      {icon ? <span className={styles.icon}>{icon}</span> : null}
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        {said ? <p className={styles.about}>{said}</p> : null}
        {more}
      </div>
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </li>
  );
}
