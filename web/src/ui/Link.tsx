/** A link to another page of ours, which opens without loading everything anew. */
import { createContext, use, type MouseEvent, type ReactNode } from 'react';

import styles from './Button.module.css';
import { classes } from './classes';
import type { Tone } from './Button';

/** Goes to an address of the page; without one, links lead there as links do. */
export const GoContext = createContext<((path: string) => void) | null>(null);

export function useGo(): (path: string) => void {
  return use(GoContext) ?? ((path) => window.location.assign(path));
}

interface LinkProps {
  href: string;
  children: ReactNode;
  className?: string | undefined;
  /** Looks like a button. */
  tone?: Tone;
  icon?: ReactNode;
  wide?: boolean;
  'aria-current'?: 'page' | undefined;
  'aria-label'?: string;
}

export function Link({ href, children, className, tone, icon, wide, ...props }: LinkProps) {
  const go = use(GoContext);
  const follow = (event: MouseEvent) => {
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!go || elsewhere) return;
    event.preventDefault();
    go(href);
  };
  const button = tone ? classes(styles.button, styles[tone], styles.asLink, wide && styles.wide) : '';
  return (
    <a href={href} onClick={follow} className={classes(button, className)} {...props}>
      {icon}
      {children}
    </a>
  );
}
