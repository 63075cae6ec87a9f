/** One room of mine, loaded, and changed setting by setting. */
import { useCallback, useEffect, useState } from 'react';

import type { MyRoom, RoomSettings } from '../../../api/myRooms';
import { useServices } from '../../../services';
import { faultOf, type Fault } from '../../shell/faults';
import { useAttempt, type Attempt } from '../../shell/hooks/useAttempt';

export interface RoomDesk {
  /** Null while it is loaded, or could not be (`refusal` says so). */
  room: MyRoom | null;
  refusal: Fault | null;
  change: (settings: RoomSettings) => Promise<boolean>;
  changing: Attempt;
  reload: () => void;
}

export function useRoom(id: string): RoomDesk {
  const { api } = useServices();
  const [room, setRoom] = useState<MyRoom | null>(null);
  const [refusal, setRefusal] = useState<Fault | null>(null);
  const changing = useAttempt();
  const load = useCallback(() => {
    api.myRoom(id).then(
      (found) => {
        setRoom(found);
        setRefusal(null);
      },
      (error: unknown) => setRefusal(faultOf(error)),
    );
  }, [api, id]);
  useEffect(load, [load]);
  const change = (settings: RoomSettings) => changing.run(async () => setRoom(await api.changeMyRoom(id, settings)));
  return { room, refusal, change, changing, reload: load };
}
