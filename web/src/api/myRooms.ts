/** Rooms that last, and the meetings planned in them. To `client.ts`. */
import { partPath, type Part } from './paging';
import type { Requests } from './request';

export interface MyRoom {
  id: string;
  title: string;
  link: string;
  teamId: string | null;
  owner: { id: string; name: string };
  /** Guests wait until they are let in. */
  lobby: boolean;
  interpretation: boolean;
  /** Null: as many as the plan allows. */
  mostPeople: number | null;
  hosts: { id: string; name: string }[];
  createdAt: string;
  usedAt: string | null;
  /** The call that runs in it now. */
  live: { people: number } | null;
  nextMeeting: { startsAt: string; minutes: number } | null;
  mine: boolean;
  /** I may change and delete it, name co-hosts and plan meetings. */
  mayManage: boolean;
  /** Speakers that the machine can keep free for a meeting; null where none can be asked for. */
  mostSlots: number | null;
}

export interface NewRoom {
  title: string;
  teamId?: string | null;
  lobby?: boolean;
}

export type RoomSettings = Partial<Pick<MyRoom, 'title' | 'lobby' | 'interpretation' | 'mostPeople'>>;

export interface NewMeeting {
  /** As a clock on the wall says it there: `2026-11-23T09:30`. */
  startsLocal: string;
  /** Such as `Asia/Ho_Chi_Minh`. */
  timeZone: string;
  minutes: number;
  /** The last day of a weekly meeting, `2026-12-31`; null for a meeting that is held once. */
  weeklyUntil: string | null;
  /** Speakers that the machine keeps free for it. Left out: none for a new meeting, and as before for another one. */
  slots?: number;
}

export interface Meeting extends NewMeeting {
  id: string;
  slots: number;
  /** The first time, in UTC. */
  startsAt: string;
  /** The next time, in UTC; null once it is over. */
  nextAt: string | null;
}

export interface OpenedRoom {
  hostSecret: string;
  path: string;
  link: string;
}

export interface MyRoomsApi {
  myRooms(cursor: string | null): Promise<Part<MyRoom>>;
  makeMyRoom(room: NewRoom): Promise<MyRoom>;
  myRoom(room: string): Promise<MyRoom>;
  changeMyRoom(room: string, settings: RoomSettings): Promise<MyRoom>;
  deleteMyRoom(room: string): Promise<void>;
  /** Open its call, as the owner or a co-host. */
  openMyRoom(room: string): Promise<OpenedRoom>;
  addRoomHost(room: string, user: string): Promise<void>;
  removeRoomHost(room: string, user: string): Promise<void>;
  meetings(room: string, cursor: string | null): Promise<Part<Meeting>>;
  addMeeting(room: string, meeting: NewMeeting): Promise<Meeting>;
  changeMeeting(room: string, id: string, meeting: NewMeeting): Promise<Meeting>;
  removeMeeting(room: string, meeting: string): Promise<void>;
  calendarFile(room: string, meeting: string): Promise<Blob>;
}

export function myRoomsApi(requests: Requests): MyRoomsApi {
  const path = (room: string, ...rest: string[]) => ['/my/rooms', ...[room, ...rest].map(encodeURIComponent)].join('/');
  return {
    myRooms: (cursor) => requests.own('GET', partPath('/my/rooms', cursor)),
    makeMyRoom: (room) => requests.own('POST', '/my/rooms', room),
    myRoom: (room) => requests.own('GET', path(room)),
    changeMyRoom: (room, settings) => requests.own('PATCH', path(room), settings),
    deleteMyRoom: (room) => requests.own('DELETE', path(room)),
    openMyRoom: (room) => requests.own('POST', path(room, 'open')),
    addRoomHost: (room, user) => requests.own('PUT', path(room, 'hosts', user)),
    removeRoomHost: (room, user) => requests.own('DELETE', path(room, 'hosts', user)),
    meetings: (room, cursor) => requests.own('GET', partPath(path(room, 'meetings'), cursor)),
    addMeeting: (room, { weeklyUntil, ...meeting }) =>
      requests.own('POST', path(room, 'meetings'), { ...meeting, ...(weeklyUntil === null ? {} : { weeklyUntil }) }),
    changeMeeting: (room, id, meeting) => requests.own('PATCH', path(room, 'meetings', id), meeting),
    removeMeeting: (room, meeting) => requests.own('DELETE', path(room, 'meetings', meeting)),
    calendarFile: async (room, meeting) =>
      (await requests.respond('GET', `${path(room, 'meetings', meeting)}.ics`, { account: true })).blob(),
  };
}

/** The calendar of a room for whoever has its link; no account is needed. */
export function calendarAddress(room: string): string {
  return `/api/v1/rooms/${encodeURIComponent(room)}/calendar.ics`;
}
