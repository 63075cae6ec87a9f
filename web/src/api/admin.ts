/** What only the admin of the server sees and changes. To `client.ts`. */
import type { Job, Limits, Plan, User } from './accounts';
import { partPath, type Part } from './paging';
import type { Requests } from './request';
import type { AuditEntry, Invitation } from './teams';

export interface KnownUser extends User {
  disabled: boolean;
  /** Of this account alone, also while plans are off; null for none. */
  planLimits: Partial<Limits> | null;
}

/** `planLimits`: of this account alone, which count on the enterprise plan; what is left out is unlimited, null is all. */
export type UserChange = Partial<{ plan: Plan; planLimits: Partial<Limits> | null; disabled: boolean; isAdmin: boolean }>;

/** How one room is served: 0 is everything, 5 the original voice alone. */
export interface LadderLine {
  room: string;
  level: number;
  reason: string;
  since: string;
}

export interface Capacity {
  /** Null where nobody measured it. */
  cores: number | null;
  speakers: { now: number; most: number | null };
  rooms: number;
  people: number;
  ladder: LadderLine[];
}

export interface AdminApi {
  users(query: string, cursor: string | null): Promise<Part<KnownUser>>;
  changeUser(id: string, change: UserChange): Promise<KnownUser>;
  /** Those to make an account, without those into a team. */
  siteInvitations(cursor: string | null): Promise<Part<Invitation>>;
  inviteToSite(email: string | null): Promise<Invitation>;
  withdrawSiteInvitation(id: string): Promise<void>;
  plans(): Promise<{ on: boolean }>;
  setPlans(on: boolean): Promise<{ on: boolean } | undefined>;
  capacity(): Promise<Capacity>;
  siteAudit(cursor: string | null): Promise<Part<AuditEntry>>;
  jobs(cursor: string | null): Promise<Part<Job>>;
  /** Begin again what was given up. */
  releaseJob(id: string): Promise<Job>;
}

export function adminApi(requests: Requests): AdminApi {
  return {
    users: (query, cursor) => requests.own('GET', partPath('/admin/users', cursor, query ? { query } : {})),
    changeUser: (id, change) => requests.own('PATCH', `/admin/users/${encodeURIComponent(id)}`, change),
    siteInvitations: (cursor) => requests.own('GET', partPath('/admin/invitations', cursor)),
    inviteToSite: (email) => requests.own('POST', '/admin/invitations', email === null ? {} : { email }),
    withdrawSiteInvitation: (id) => requests.own('DELETE', `/admin/invitations/${encodeURIComponent(id)}`),
    plans: () => requests.own('GET', '/admin/plans'),
    setPlans: (on) => requests.own('PUT', '/admin/plans', { on }),
    capacity: () => requests.own('GET', '/admin/capacity'),
    siteAudit: (cursor) => requests.own('GET', partPath('/admin/audit', cursor)),
    jobs: (cursor) => requests.own('GET', partPath('/admin/jobs', cursor)),
    releaseJob: (id) => requests.own('POST', `/jobs/${encodeURIComponent(id)}/release`),
  };
}
