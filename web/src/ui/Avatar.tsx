/** Somebody without a picture: the first letters of the name, in their colour. */
import styles from './Avatar.module.css';
import { classes } from './classes';

export function Avatar({ name, colour, small }: { name: string; colour?: number; small?: boolean }) {
  return (
    <span className={classes(styles.avatar, small && styles.small)} data-colour={colour} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}

/** First letters of the first and last word, at most two; of scripts without capitals the first character. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/\(.*?\)/g, ' ')
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const first = [...(words[0] ?? '')][0] ?? '';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}
