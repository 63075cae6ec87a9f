/** The quiet line at the top, when it has something to say. */
import type { QuietText } from '../hooks/useQuietLine';
import styles from './QuietPill.module.css';

/** What is not told here is less than it should be. */
const TONES: Partial<Record<QuietText['kind'], 'good' | 'neutral'>> = {
  interpreting: 'good',
  connecting: 'good',
  practice: 'good',
  off: 'neutral',
};

export function QuietPill({ line }: { line: QuietText | null }) {
  return (
    <>
      {line ? (
        <p className={styles.pill} data-tone={TONES[line.kind] ?? 'warning'} aria-hidden={line.kind === 'interpreting' || undefined}>
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
