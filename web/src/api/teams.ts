/** Teams, who is in them, who is invited, and what was done. To `client.ts`. */
import { partPath, type Part } from './paging';
import type { Requests } from './request';

export const ROLES = ['owner', 'admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

export interface Team {
  id: string;
  name: string;
  role: Role;
  people: number;
}

export interface Member {
  userId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: string;
}

export interface Invitation {
  id: string;
  /** Given when it is made; afterwards perhaps no more. */
  link?: string | null;
  email: string | null;
  role: Role;
  expiresAt: string;
}

/** An invitation as whoever has its link sees it. */
export interface SeenInvitation {
  /** Null: to this server alone. */
  team: { name: string } | null;
  role: Role | null;
  email: string | null;
  expiresAt: string;
}

/** One thing that was done, without what was said or written. */
export interface AuditEntry {
  id: string;
  at: string;
  actor: { kind: string; id: string | null; name?: string | null };
  action: string;
  target: { kind: string; id: string } | null;
}

/** The calls of a team that began on one day, `2026-11-23` in UTC. */
export interface DayFigures {
  day: string;
  calls: number;
  minutes: number;
  /** In one call. */
  mostPeople: number;
}

export interface TeamsApi {
  makeTeam(name: string): Promise<Team>;
  renameTeam(team: string, name: string): Promise<Team>;
  deleteTeam(team: string): Promise<void>;
  members(team: string, cursor: string | null, limit?: number): Promise<Part<Member>>;
  changeRole(team: string, user: string, role: Role): Promise<Member>;
  /** Remove somebody, or leave. */
  removeMember(team: string, user: string): Promise<void>;
  invitations(team: string, cursor: string | null): Promise<Part<Invitation>>;
  invite(team: string, email: string | null, role: Role): Promise<Invitation>;
  withdrawInvitation(team: string, id: string): Promise<void>;
  seeInvitation(token: string): Promise<SeenInvitation>;
  acceptInvitation(token: string): Promise<Team>;
  teamAudit(team: string, cursor: string | null): Promise<Part<AuditEntry>>;
  /** As far back as the plans go of those who held the calls, the newest first. */
  figures(team: string): Promise<{ days: DayFigures[] }>;
}

export function teamsApi(requests: Requests): TeamsApi {
  const path = (team: string, ...rest: string[]) => ['/teams', ...[team, ...rest].map(encodeURIComponent)].join('/');
  return {
    makeTeam: (name) => requests.own('POST', '/teams', { name }),
    renameTeam: (team, name) => requests.own('PATCH', path(team), { name }),
    deleteTeam: (team) => requests.own('DELETE', path(team)),
    members: (team, cursor, limit) =>
      requests.own('GET', partPath(path(team, 'members'), cursor, limit === undefined ? {} : { limit: String(limit) })),
    changeRole: (team, user, role) => requests.own('PATCH', path(team, 'members', user), { role }),
    removeMember: (team, user) => requests.own('DELETE', path(team, 'members', user)),
    invitations: (team, cursor) => requests.own('GET', partPath(path(team, 'invitations'), cursor)),
    invite: (team, email, role) =>
      requests.own('POST', path(team, 'invitations'), { role, ...(email === null ? {} : { email }) }),
    withdrawInvitation: (team, id) => requests.own('DELETE', path(team, 'invitations', id)),
    seeInvitation: (token) => requests.own('GET', `/invitations/${encodeURIComponent(token)}`),
    acceptInvitation: (token) => requests.own('POST', `/invitations/${encodeURIComponent(token)}/accept`),
    teamAudit: (team, cursor) => requests.own('GET', partPath(path(team, 'audit'), cursor)),
    figures: (team) => requests.own('GET', path(team, 'figures')),
  };
}
