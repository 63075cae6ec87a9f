/** Says when a moment has come. */
import { useEffect, useState } from 'react';

/** The longest that a browser's timer waits. */
const LONGEST_MS = 2 ** 31 - 1;

/** True from `atMs` on, on the clock of `Date.now`; null never comes. */
export function useHasCome(atMs: number | null): boolean {
  const [came, setCame] = useState<number | null>(null);
  useEffect(() => {
    if (atMs === null) return;
    const timer = setTimeout(() => setCame(atMs), Math.min(LONGEST_MS, Math.max(0, atMs - Date.now())));
    return () => clearTimeout(timer);
  }, [atMs]);
  return atMs !== null && came === atMs;
}
