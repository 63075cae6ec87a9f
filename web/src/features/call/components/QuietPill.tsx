/** The quiet line at the top, when it has something to say. */
import { classes } from '../../../ui/classes';
import type { QuietText } from '../hooks/useQuietLine';
import styles from './QuietPill.module.css';

export function QuietPill({ line }: { line: QuietText | null }) {
  const calm = line !== null && ['interpreting', 'connecting', 'practice', 'off'].includes(line.kind);
  return (
    <>
      {line ? (
        <p className={classes(styles.pill, !calm && styles.warning)} aria-hidden={line.kind === 'interpreting' || undefined}>
          <span className={styles.dot} />
          {line.text}
        </p>
      ) : null}
      {/* The lag changes all the time: a screen reader is told of states alone. */}
      <p className="visuallyHidden" role="status">
        {line && line.kind !== 'interpreting' ? line.text : ''}
      </p>
    </>
  );
}
