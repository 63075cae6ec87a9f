/** Keeps a growing list at its end while it stands there; whoever scrolls up is left alone. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';

const NEAR_PX = 40;

export function useFollow(length: number) {
  const list = useRef<HTMLOListElement>(null);
  const [behind, setBehind] = useState(false);
  // The list exists only once there is a line.
  const exists = length > 0;
  useEffect(() => {
    const element = list.current;
    if (!element || !exists) return;
    const look = () => setBehind(element.scrollHeight - element.scrollTop - element.clientHeight > NEAR_PX);
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [exists]);
  useLayoutEffect(() => {
    if (!behind) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [length, behind]);
  const toLatest = () => {
    list.current?.scrollTo({ top: list.current.scrollHeight, behavior: 'smooth' });
    setBehind(false);
  };
  return { list, behind, toLatest };
}
