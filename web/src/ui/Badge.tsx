/** One word about something: its state, or what somebody is. */
import styles from './Badge.module.css';
import { classes } from './classes';

export function Badge({ children, tone = 'plain' }: { children: string; tone?: 'plain' | 'live' | 'warning' }) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>;
}
