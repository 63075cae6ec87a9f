/** A small wave while a dubbed voice sounds. */
import styles from './Wave.module.css';

export function Wave({ label }: { label: string }) {
  return (
    <span className={styles.wave} role="img" aria-label={label}>
      <i />
      <i />
      <i />
      <i />
    </span>
  );
}
