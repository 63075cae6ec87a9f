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
  const shown = words.length > 1 ? [words[0], words.at(-1)] : words;
  return shown.map(firstCharacter).join('').toLocaleUpperCase();
}

function firstCharacter(word = ''): string {
  const [first] = new Intl.Segmenter().segment(word);
  return first?.segment ?? '';
}
