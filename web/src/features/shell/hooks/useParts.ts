/** A list that comes in parts: the first at once, the next when asked for. */
import { useCallback, useEffect, useState } from 'react';

import type { Part } from '../../../api/paging';
import { faultOf, type Fault } from '../faults';

export interface Parts<Item> {
  items: readonly Item[];
  phase: 'loading' | 'ready' | 'failed';
  fault: Fault | null;
  /** Fetch the next part; null at the end. */
  more: (() => void) | null;
  reload: () => void;
  /** Show what a change has made of the list. */
  change: (change: (items: readonly Item[]) => readonly Item[]) => void;
}

type Load<Item> = (cursor: string | null) => Promise<Part<Item>>;

interface Held<Item> {
  /** What loaded it: another one makes the list old. */
  by: Load<Item> | null;
  items: readonly Item[];
  next: string | null;
  fault: Fault | null;
}

/** `load` is to stay the same function as long as the list is the same one. */
export function useParts<Item>(load: Load<Item>): Parts<Item> {
  const [held, setHeld] = useState<Held<Item>>({ by: null, items: [], next: null, fault: null });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let gone = false;
    load(null).then(
      ({ items, next }) => gone || setHeld({ by: load, items, next, fault: null }),
      (error: unknown) => gone || setHeld({ by: load, items: [], next: null, fault: faultOf(error) }),
    );
    return () => {
      gone = true;
    };
  }, [load, asked]);

  const isOld = held.by !== load;
  const fetchNext = (cursor: string) => {
    load(cursor).then(
      ({ items, next }) =>
        setHeld((known) => (known.by === load && known.next === cursor ? { ...known, items: [...known.items, ...items], next } : known)),
      (error: unknown) => setHeld((known) => ({ ...known, fault: faultOf(error) })),
    );
  };
  const { next } = held;
  return {
    items: isOld ? [] : held.items,
    phase: isOld ? 'loading' : held.fault && held.items.length === 0 ? 'failed' : 'ready',
    fault: isOld ? null : held.fault,
    more: isOld || next === null ? null : () => fetchNext(next),
    reload: useCallback(() => {
      setHeld((known) => (known.fault ? { ...known, by: null } : known));
      setAsked((times) => times + 1);
    }, []),
    change: useCallback((change) => setHeld((known) => ({ ...known, items: change(known.items) })), []),
  };
}
