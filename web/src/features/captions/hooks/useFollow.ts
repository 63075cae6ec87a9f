/** Keeps a growing list at its end while it stands there; whoever scrolls up is left alone. */
import { useEffect, useRef, useState } from 'react';

const NEAR_PX = 40;

export function useFollow(length: number) {
  const list = useRef<HTMLOListElement>(null);
  const [behind, setBehind] = useState(false);
  const follows = useRef(true);
  // The list exists only once there is a line.
  const exists = length > 0;
  useEffect(() => {
    const element = list.current;
    if (!element || !exists) return;
    const toEnd = () => {
      if (follows.current) element.scrollTo({ top: element.scrollHeight });
    };
    let topBefore = element.scrollTop;
    const look = () => {
      const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR_PX;
      // Only people scroll up. Where the end has moved away meanwhile, it is followed.
      if (atEnd || element.scrollTop < topBefore) follows.current = atEnd;
      topBefore = element.scrollTop;
      setBehind(!follows.current);
      if (!atEnd) toEnd();
    };
    element.addEventListener('scroll', look, { passive: true });
    // A sheet that slides in, a turned phone: the end is elsewhere then, and nobody has scrolled.
    const observer = new ResizeObserver(toEnd);
    observer.observe(element);
    toEnd();
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [exists]);
  useEffect(() => {
    if (follows.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [length]);
  const toLatest = () => {
    follows.current = true;
    setBehind(false);
    list.current?.scrollTo({ top: list.current.scrollHeight, behavior: 'smooth' });
  };
  return { list, behind, toLatest };
}
