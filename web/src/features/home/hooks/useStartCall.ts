/** Makes a room and remembers that this browser is its host. */
import { useState } from 'react';

import { codeOf } from '../../../api/types';
import { writeHostPassword, writeHostSecret } from '../../../call/preferences';
import { useServices } from '../../../services';

export interface StartCall {
  start: (password: string) => Promise<void>;
  starting: boolean;
  /** Code of the last refusal. */
  fault: string | null;
}

export function useStartCall(onOpenRoom: (room: string) => void): StartCall {
  const { api } = useServices();
  const [starting, setStarting] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const start = async (password: string) => {
    setStarting(true);
    setFault(null);
    try {
      const made = await api.makeRoom(password);
      writeHostSecret(localStorage, made.room, made.hostSecret);
      writeHostPassword(sessionStorage, password);
      onOpenRoom(made.room);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'not_allowed') writeHostPassword(sessionStorage, '');
      setFault(code);
      setStarting(false);
    }
  };
  return { start, starting, fault };
}
