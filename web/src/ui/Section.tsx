/** A part of a page about one thing, with its name and what can be done at the top right. */
import { useId, type ReactNode } from 'react';

import styles from './Section.module.css';

interface SectionProps {
  title: string;
  text?: string;
  action?: ReactNode;
  children?: ReactNode;
}

export function Section({ title, text, action, children }: SectionProps) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h2 id={id}>{title}</h2>
          {text ? <p className={styles.text}>{text}</p> : null}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}
