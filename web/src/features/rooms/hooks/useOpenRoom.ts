/** Begin or join the call of a room, as its host where one is. */
import { writeHostSecret } from '../../../call/preferences';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { useGo } from '../../../ui/Link';
import { useAttempt, type Attempt } from '../../shell/hooks/useAttempt';
import { usePreferences } from '../../settings/hooks/usePreferences';

export interface OpenRoom extends Attempt {
  open: (room: string) => void;
  /** A call of the moment, in a room that does not last. */
  callNow: () => void;
}

export function useOpenRoom(): OpenRoom {
  const { api } = useServices();
  const { user } = useAccount();
  const { preferences, change } = usePreferences();
  const go = useGo();
  const attempt = useAttempt();
  const enter = (room: string, hostSecret: string) => {
    writeHostSecret(localStorage, room, hostSecret);
    if (!preferences.name) change({ name: user.name });
    go(`/r/${room}`);
  };
  return {
    ...attempt,
    open: (room) => void attempt.run(async () => enter(room, (await api.openMyRoom(room)).hostSecret)),
    callNow: () =>
      void attempt.run(async () => {
        const made = await api.makeRoom('');
        enter(made.room, made.hostSecret);
      }),
  };
}
