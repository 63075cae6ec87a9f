/**
 * Who waits to be let in, asked every few seconds by a host of a room that lasts: it may get a lobby during the call.
 */
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Waiter } from '../../../api/lobby';
import type { RoomInfo } from '../../../api/types';
import { chime } from '../../../call/chime';
import { useServices } from '../../../services';
import { usePreferences } from '../../settings/hooks/usePreferences';

const ASK_EVERY_MS = 2_500;

export interface Waiters {
  list: readonly Waiter[];
  answer: (waiter: Waiter, admit: boolean) => void;
}

export function useWaiters(room: RoomInfo, hostSecret: string | null, onFailed: () => void): Waiters {
  const { api } = useServices();
  const { preferences } = usePreferences();
  const [list, setList] = useState<readonly Waiter[]>([]);
  const secret = room.title === '' ? null : hostSecret;
  const sounds = useRef(preferences.waitingSound);
  useEffect(() => {
    sounds.current = preferences.waitingSound;
  });
  const known = useRef(new Set<string>());
  const ask = useCallback(() => {
    if (secret === null) return;
    // Asked again in a moment if there is no answer.
    api.waiters(room.room, secret).then(
      (now) => {
        setList(now);
        const isSomebodyNew = now.some(({ ticket }) => !known.current.has(ticket));
        known.current = new Set(now.map(({ ticket }) => ticket));
        if (isSomebodyNew && sounds.current) chime();
      },
      () => undefined,
    );
  }, [api, room.room, secret]);
  useEffect(() => {
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [ask]);
  const answer = (waiter: Waiter, admit: boolean) => {
    if (secret === null) return;
    setList((now) => now.filter(({ ticket }) => ticket !== waiter.ticket));
    api.answerWaiter(room.room, secret, waiter.ticket, admit).then(ask, () => {
      onFailed();
      ask();
    });
  };
  return { list: secret === null ? [] : list, answer };
}
