/** What is interpreted now, as people are told: an interpreter that is replaced at once was never away. */
import type { RoomInfo } from '../../../api/types';
import type { Interpreting } from '../../../call/audience';
import type { CallState } from '../../../call/callState';
import { AWAY_AFTER_MS } from '../../../call/quietLine';
import { useLasts } from './useLasts';

export function useInterpreting(state: CallState, room: RoomInfo): Interpreting {
  const away = useLasts(!state.interpreterPresent && state.phase === 'connected', AWAY_AFTER_MS);
  return {
    directions: room.directions,
    on: (state.decided ?? room).interpretation,
    present: !away,
    notices: state.notices,
  };
}
