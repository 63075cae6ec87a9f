/** What only the host may do. Nobody is one without the secret that came with making the room. */
import { useState } from 'react';

import type { RoomInfo } from '../../../api/types';
import type { Decided } from '../../../call/callState';
import { useServices } from '../../../services';

export interface Host extends Decided {
  isHost: boolean;
  /** The last request was not granted. */
  failed: boolean;
  forgive: () => void;
  /** Something else that a host asked for was not granted. */
  fail: () => void;
  interpret: (on: boolean) => void;
  /** Whether what somebody says may be turned into text. */
  transcribe: (identity: string, allowed: boolean) => void;
  cohost: (identity: string, on: boolean) => void;
  lock: (locked: boolean) => void;
  mute: (identity: string) => void;
  remove: (identity: string) => void;
  end: () => void;
}

/** `decided` is what the call tells, whoever decided it; as the room was before joining until then. */
export function useHost(room: RoomInfo, decided: Decided | null, secret: string | null): Host {
  const { api } = useServices();
  const [failed, setFailed] = useState(false);
  const attempt = (request: (hostSecret: string) => Promise<void>) => {
    if (secret === null) return;
    setFailed(false);
    request(secret).catch(() => setFailed(true));
  };
  return {
    isHost: secret !== null,
    locked: (decided ?? room).locked,
    interpretation: (decided ?? room).interpretation,
    failed,
    forgive: () => setFailed(false),
    fail: () => setFailed(true),
    interpret: (on) => attempt((own) => api.setInterpretation(room.room, own, on)),
    transcribe: (identity, allowed) => attempt((own) => api.setTranscribed(room.room, own, identity, allowed)),
    cohost: (identity, on) => attempt((own) => api.setCohost(room.room, own, identity, on)),
    lock: (wanted) => attempt((own) => api.lockRoom(room.room, own, wanted)),
    mute: (identity) => attempt((own) => api.mute(room.room, own, identity)),
    remove: (identity) => attempt((own) => api.remove(room.room, own, identity)),
    end: () => attempt((own) => api.endRoom(room.room, own)),
  };
}
