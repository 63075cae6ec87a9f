/** A link that looks like a button: it leads to another page. */
import type { ReactNode } from 'react';

import styles from './Button.module.css';
import { classes } from './classes';

export function LinkButton({ href, children, tone = 'plain' }: { href: string; children: ReactNode; tone?: 'plain' | 'primary' }) {
  return (
    <a href={href} className={classes(styles.button, styles[tone], styles.wide)}>
      {children}
    </a>
  );
}
