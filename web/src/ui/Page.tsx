/** The frame of every page but the call: the mark at the top, something in the middle. */
import type { ReactNode } from 'react';

import { Logo } from './Logo';
import styles from './Page.module.css';

interface PageProps {
  name: string;
  /** At the top right. */
  menus: ReactNode;
  children: ReactNode;
}

export function Page({ name, menus, children }: PageProps) {
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <a href="/" className={styles.home}>
          <Logo name={name} />
        </a>
        {menus}
      </header>
      <main className={styles.main}>{children}</main>
    </div>
  );
}
