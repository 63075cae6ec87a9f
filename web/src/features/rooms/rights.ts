/** What somebody may do in a room. Plain functions; the server says who may manage it. */
import type { MyRoom } from '../../api/myRooms';

/** Its owner and co-hosts begin its calls. */
export function mayHost(room: MyRoom, userId: string): boolean {
  return room.mine || room.hosts.some(({ id }) => id === userId);
}
