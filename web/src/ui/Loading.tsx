/** Three quiet lines where a list will stand. */
import styles from './Loading.module.css';

export function Loading({ label }: { label: string }) {
  return (
    <div className={styles.loading} role="status">
      <span className="visuallyHidden">{label}</span>
      <span className={styles.line} />
      <span className={styles.line} />
      <span className={styles.line} />
    </div>
  );
}
