/** The mark: one speech bubble that another voice continues. */
import styles from './Logo.module.css';

export function Logo({ name }: { name: string }) {
  return (
    <span className={styles.logo}>
      <svg viewBox="0 0 32 32" aria-hidden className={styles.mark}>
        <path d="M4 12.2A6.2 6.2 0 0 1 10.200 6h7.400a6.200 6.200 0 0 1 0 12.400H13L7.200 23v-5.400A6.200 6.200 0 0 1 4 12.200Z" />
        <path className={styles.second} d="M27.500 14.200a6.300 6.300 0 0 1-2.300 9.900V29l-5-3.900h-4.700" />
      </svg>
      {name}
    </span>
  );
}
