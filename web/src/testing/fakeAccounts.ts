/** The accounts of an API without a server: one person, her team and her rooms, all as a test sets them. To `fakeApi.ts`. */
import type { AccountApi, ApiKey, Job, Limits, NewUser, OpenSession, SessionApi, SignedIn, Site, User } from '../api/accounts';
import type { AdminApi, Capacity, KnownUser, UserChange } from '../api/admin';
import type { Meeting, MyRoom, MyRoomsApi, NewMeeting, NewRoom, RoomSettings } from '../api/myRooms';
import type { Part } from '../api/paging';
import type { AuditEntry, DayFigures, Invitation, Member, Role, SeenInvitation, TeamsApi } from '../api/teams';
import { ApiError, type Api } from '../api/types';
import type { Delivery, TeamEvent, Webhook, WebhooksApi } from '../api/webhooks';

const THEN = '2026-11-20T08:00:00Z';
const SOON = '2026-12-01T09:30:00Z';

export const UNLIMITED: Limits = {
  roomMinutes: null,
  people: null,
  roomsAtOnce: null,
  historyDays: null,
  requestsPerHour: null,
  voiceSamples: null,
  vocabularyTerms: null,
  cloning: true,
  diarization: true,
  documents: true,
  api: true,
  teams: true,
  analytics: true,
};

export const LAN: User = {
  id: 'u-lan',
  email: 'lan@example.org',
  name: 'Lan Pham',
  isAdmin: false,
  plan: 'free',
  limits: UNLIMITED,
  hasPassword: true,
  createdAt: THEN,
  teams: [{ id: 't-1', name: 'Field trips', role: 'owner' }],
};

export const WEEKLY: MyRoom = {
  id: 'room-weekly-0001',
  title: 'Weekly meeting',
  link: 'https://calls.example/r/room-weekly-0001',
  teamId: 't-1',
  owner: { id: 'u-lan', name: 'Lan Pham' },
  lobby: false,
  interpretation: true,
  mostPeople: null,
  hosts: [],
  createdAt: THEN,
  usedAt: null,
  live: null,
  nextMeeting: { startsAt: SOON, minutes: 60 },
  mine: true,
  mayManage: true,
  mostSlots: 12,
};

const DONE: Job = { id: 'j-1', kind: 'export', state: 'done', progress: 1, error: null, createdAt: THEN, finishedAt: THEN };

export const PLANNED: Meeting = {
  id: 'm-0',
  startsLocal: '2026-12-01T16:30',
  timeZone: 'Asia/Ho_Chi_Minh',
  startsAt: SOON,
  minutes: 50,
  weeklyUntil: '2026-12-29',
  slots: 3,
  nextAt: SOON,
};

export const TOLD: Webhook = {
  id: 'w-1',
  url: 'https://example.org/dragoman',
  events: ['room.opened', 'room.ended'],
  disabled: false,
  failures: 0,
  createdAt: THEN,
};

const TEST: Delivery = {
  id: 'd-test', event: 'webhook.test', status: null, error: null, attempts: 0, createdAt: THEN, deliveredAt: null, nextAt: THEN,
};

type Refusals = Partial<Record<keyof Api, string>>;

export class FakeAccounts implements SessionApi, AccountApi, TeamsApi, MyRoomsApi, WebhooksApi, AdminApi {
  readonly calls: { name: keyof Api; args: unknown[] }[] = [];
  facts: Site = { accounts: false, signUp: 'invitation', oidc: null, plans: false, version: '1.0' };
  user: User = LAN;
  rooms: MyRoom[] = [WEEKLY];
  planned: Meeting[] = [];
  team: Member[] = [
    { userId: 'u-lan', name: 'Lan Pham', email: 'lan@example.org', role: 'owner', joinedAt: THEN },
    { userId: 'u-ben', name: 'Ben Carter', email: 'ben@example.org', role: 'member', joinedAt: THEN },
  ];
  invited: Invitation[] = [];
  invitedToSite: Invitation[] = [];
  invitation: SeenInvitation = { team: { name: 'Field trips' }, role: 'member', email: null, expiresAt: SOON };
  sessions: OpenSession[] = [
    { id: 's-1', device: 'Firefox on Linux', address: '192.0.2.0/24', createdAt: THEN, usedAt: THEN, current: true },
    { id: 's-2', device: 'Safari on iOS', address: '198.51.100.0/24', createdAt: THEN, usedAt: THEN, current: false },
  ];
  keys: ApiKey[] = [];
  log: AuditEntry[] = [
    { id: 'a-1', at: THEN, actor: { kind: 'user', id: 'u-lan', name: 'Lan Pham' }, action: 'team.created', target: { kind: 'team', id: 't-1' } },
  ];
  known: KnownUser[] = [
    { ...LAN, disabled: false, planLimits: null },
    { ...LAN, id: 'u-ben', name: 'Ben Carter', email: 'ben@example.org', teams: [], disabled: false, planLimits: null },
  ];
  carries: Capacity = {
    cores: 8,
    speakers: { now: 2, most: 12 },
    rooms: 1,
    people: 3,
    ladder: [{ room: 'room-weekly-0001', level: 3, reason: 'voice_gone', since: THEN }],
  };
  plansOn = false;
  daysHeld: DayFigures[] = [];
  hooks: Webhook[] = [];
  sent: Delivery[] = [];
  work: Job[] = [DONE];

  constructor(readonly refusals: Refusals = {}) {}

  site() {
    return this.answer('site', [], this.facts);
  }
  signIn(email: string, password: string) {
    return this.answer('signIn', [email, password], this.signedIn());
  }
  signUp(user: NewUser) {
    return this.answer('signUp', [user], this.signedIn());
  }
  refreshSession() {
    return this.answer('refreshSession', [], this.signedIn());
  }
  signOut() {
    return this.answer('signOut', [], undefined);
  }

  me() {
    return this.answer('me', [], this.user);
  }
  changeName(name: string) {
    this.user = { ...this.user, name };
    return this.answer('changeName', [name], this.user);
  }
  changePassword(current: string, wanted: string) {
    return this.answer('changePassword', [current, wanted], undefined);
  }
  deleteMe(password: string) {
    return this.answer('deleteMe', [password], DONE);
  }
  exportMe() {
    return this.answer('exportMe', [], DONE);
  }
  job(id: string) {
    return this.answer('job', [id], DONE);
  }
  exportFile(job: string) {
    return this.answer('exportFile', [job], new Blob(['zip']));
  }
  openSessions(cursor: string | null) {
    return this.answer('openSessions', [cursor], part(this.sessions));
  }
  endSession(id: string) {
    return this.answer('endSession', [id], undefined);
  }
  endOtherSessions() {
    return this.answer('endOtherSessions', [], undefined);
  }
  apiKeys(cursor: string | null) {
    return this.answer('apiKeys', [cursor], part(this.keys));
  }
  addApiKey(name: string, expiresInDays: number | null) {
    const key = { id: 'k-1', name, hint: 'dgm_abcd', createdAt: THEN, usedAt: null, expiresAt: null, key: 'dgm_secret' };
    return this.answer('addApiKey', [name, expiresInDays], key);
  }
  removeApiKey(id: string) {
    return this.answer('removeApiKey', [id], undefined);
  }

  makeTeam(name: string) {
    const team = { id: 't-new', name, role: 'owner' as const, people: 1 };
    if (!this.refusals.makeTeam) this.user = { ...this.user, teams: [...this.user.teams, team] };
    return this.answer('makeTeam', [name], team);
  }
  renameTeam(team: string, name: string) {
    return this.answer('renameTeam', [team, name], { id: team, name, role: 'owner' as const, people: 2 });
  }
  deleteTeam(team: string) {
    return this.answer('deleteTeam', [team], undefined);
  }
  members(team: string, cursor: string | null) {
    return this.answer('members', [team, cursor], part(this.team));
  }
  changeRole(team: string, user: string, role: Role) {
    const [first] = this.team;
    const member = this.team.find(({ userId }) => userId === user) ?? first;
    return this.answer('changeRole', [team, user, role], { ...(member as Member), role });
  }
  removeMember(team: string, user: string) {
    return this.answer('removeMember', [team, user], undefined);
  }
  invitations(team: string, cursor: string | null) {
    return this.answer('invitations', [team, cursor], part(this.invited));
  }
  invite(team: string, email: string | null, role: Role) {
    const made = { id: 'i-1', link: 'https://calls.example/invitation#token-123', email, role, expiresAt: SOON };
    return this.answer('invite', [team, email, role], made);
  }
  withdrawInvitation(team: string, id: string) {
    return this.answer('withdrawInvitation', [team, id], undefined);
  }
  seeInvitation(token: string) {
    return this.answer('seeInvitation', [token], this.invitation);
  }
  acceptInvitation(token: string) {
    return this.answer('acceptInvitation', [token], { id: 't-1', name: 'Field trips', role: 'member' as const, people: 3 });
  }
  teamAudit(team: string, cursor: string | null) {
    return this.answer('teamAudit', [team, cursor], part(this.log));
  }
  figures(team: string) {
    return this.answer('figures', [team], { days: this.daysHeld });
  }

  webhooks(team: string, cursor: string | null) {
    return this.answer('webhooks', [team, cursor], part(this.hooks));
  }
  addWebhook(team: string, url: string, events: readonly TeamEvent[]) {
    const made = { ...TOLD, id: 'w-new', url, events: [...events], secret: 'whsec_secret' };
    return this.answer('addWebhook', [team, url, events], made);
  }
  switchWebhook(team: string, id: string, disabled: boolean) {
    const webhook = this.hooks.find((it) => it.id === id) ?? TOLD;
    return this.answer('switchWebhook', [team, id, disabled], { ...webhook, disabled });
  }
  removeWebhook(team: string, id: string) {
    return this.answer('removeWebhook', [team, id], undefined);
  }
  deliveries(team: string, webhook: string, cursor: string | null) {
    return this.answer('deliveries', [team, webhook, cursor], part(this.sent));
  }
  testWebhook(team: string, webhook: string) {
    if (!this.refusals.testWebhook) this.sent = [TEST, ...this.sent];
    return this.answer('testWebhook', [team, webhook], TEST);
  }

  myRooms(cursor: string | null) {
    return this.answer('myRooms', [cursor], part(this.rooms));
  }
  makeMyRoom(room: NewRoom) {
    return this.answer('makeMyRoom', [room], { ...WEEKLY, title: room.title });
  }
  myRoom(room: string) {
    return this.answer('myRoom', [room], this.rooms[0] ?? WEEKLY);
  }
  changeMyRoom(room: string, settings: RoomSettings) {
    const changed = { ...(this.rooms[0] ?? WEEKLY), ...settings };
    if (!this.refusals.changeMyRoom) this.rooms = [changed];
    return this.answer('changeMyRoom', [room, settings], changed);
  }
  deleteMyRoom(room: string) {
    return this.answer('deleteMyRoom', [room], undefined);
  }
  openMyRoom(room: string) {
    return this.answer('openMyRoom', [room], { hostSecret: 'host-proof', path: `/r/${room}`, link: `https://calls.example/r/${room}` });
  }
  addRoomHost(room: string, user: string) {
    return this.answer('addRoomHost', [room, user], undefined);
  }
  removeRoomHost(room: string, user: string) {
    return this.answer('removeRoomHost', [room, user], undefined);
  }
  meetings(room: string, cursor: string | null) {
    return this.answer('meetings', [room, cursor], part(this.planned));
  }
  addMeeting(room: string, meeting: NewMeeting) {
    return this.answer('addMeeting', [room, meeting], { slots: 0, ...meeting, id: 'm-1', startsAt: SOON, nextAt: SOON });
  }
  changeMeeting(room: string, id: string, meeting: NewMeeting) {
    const before = this.planned.find((it) => it.id === id) ?? PLANNED;
    return this.answer('changeMeeting', [room, id, meeting], { ...before, ...meeting });
  }
  removeMeeting(room: string, meeting: string) {
    return this.answer('removeMeeting', [room, meeting], undefined);
  }
  calendarFile(room: string, meeting: string) {
    return this.answer('calendarFile', [room, meeting], new Blob(['BEGIN:VCALENDAR']));
  }

  users(query: string, cursor: string | null) {
    return this.answer('users', [query, cursor], part(this.known.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(query.toLowerCase()))));
  }
  changeUser(id: string, { planLimits, ...change }: UserChange) {
    const limits = planLimits === undefined ? {} : { planLimits };
    this.known = this.known.map((user) => (user.id === id ? { ...user, ...change, ...limits } : user));
    return this.answer('changeUser', [id, { ...change, ...(planLimits === undefined ? {} : { planLimits }) }], this.known.find((user) => user.id === id) as KnownUser);
  }
  siteInvitations(cursor: string | null) {
    return this.answer('siteInvitations', [cursor], part(this.invitedToSite));
  }
  inviteToSite(email: string | null) {
    const made = { id: 'i-2', link: 'https://calls.example/invitation#token-456', email, role: 'member' as const, expiresAt: SOON };
    return this.answer('inviteToSite', [email], made);
  }
  withdrawSiteInvitation(id: string) {
    return this.answer('withdrawSiteInvitation', [id], undefined);
  }
  plans() {
    return this.answer('plans', [], { on: this.plansOn });
  }
  setPlans(on: boolean) {
    this.plansOn = on;
    return this.answer('setPlans', [on], { on });
  }
  capacity() {
    return this.answer('capacity', [], this.carries);
  }
  siteAudit(cursor: string | null) {
    return this.answer('siteAudit', [cursor], part(this.log));
  }
  jobs(cursor: string | null) {
    return this.answer('jobs', [cursor], part(this.work));
  }
  releaseJob(id: string) {
    const job = this.work.find((it) => it.id === id) ?? DONE;
    return this.answer('releaseJob', [id], { ...job, state: 'queued', progress: 0, error: null, finishedAt: null });
  }

  protected answer<Answer>(name: keyof Api, args: unknown[], answer: Answer): Promise<Answer> {
    this.calls.push({ name, args });
    const code = this.refusals[name];
    if (!code) return Promise.resolve(answer);
    return Promise.reject(new ApiError(code, code, null, code === 'not_signed_in' ? 401 : 400));
  }

  private signedIn(): SignedIn {
    return { accessToken: 'access', expiresInS: 600, user: this.user };
  }
}

function part<Item>(items: readonly Item[]): Part<Item> {
  return { items: [...items], next: null };
}
