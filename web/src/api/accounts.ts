/** Who is signed in, and what belongs to them. To `client.ts`. */
import { partPath, type Part } from './paging';
import type { Requests } from './request';
import type { Role } from './teams';
import { fromWire } from './wire';

/** What the server is, for everybody to see. */
export interface Site {
  accounts: boolean;
  signUp: 'open' | 'invitation';
  /** A provider that one may sign in with. */
  oidc: { name: string } | null;
  /** Plans limit what accounts may do. */
  plans: boolean;
  version: string;
}

/** Null: as much as the machine carries. */
export interface Limits {
  roomMinutes: number | null;
  people: number | null;
  roomsAtOnce: number | null;
  historyDays: number | null;
  requestsPerHour: number | null;
  voiceSamples: number | null;
  vocabularyTerms: number | null;
  cloning: boolean;
  diarization: boolean;
  documents: boolean;
  api: boolean;
  teams: boolean;
  analytics: boolean;
}

export const AMOUNTS = ['roomMinutes', 'people', 'roomsAtOnce', 'historyDays', 'requestsPerHour', 'voiceSamples', 'vocabularyTerms'] as const;
export const FEATURES = ['cloning', 'diarization', 'documents', 'api', 'teams', 'analytics'] as const;

export const PLANS = ['free', 'premium', 'pro', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];

export interface User {
  id: string;
  email: string;
  name: string;
  isAdmin: boolean;
  plan: Plan;
  limits: Limits;
  /** Null where one comes by a provider only. */
  hasPassword: boolean;
  createdAt: string;
  teams: { id: string; name: string; role: Role }[];
}

export interface SignedIn {
  accessToken: string;
  expiresInS: number;
  user: User;
}

export interface NewUser {
  email: string;
  name: string;
  password: string;
  /** Token of an invitation, where one is needed. */
  invitation?: string;
}

/** One browser or program that is signed in. */
export interface OpenSession {
  id: string;
  device: string;
  address: string;
  createdAt: string;
  usedAt: string;
  current: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  /** Its first letters, to tell it from others. */
  hint: string;
  createdAt: string;
  usedAt: string | null;
  expiresAt: string | null;
}

/** Work that the server does by itself. */
export interface Job {
  id: string;
  kind: string;
  state: string;
  /** 0 to 1. */
  progress: number | null;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
}

/** What a session is made with; none of it takes an access token. */
export interface SessionApi {
  site(): Promise<Site>;
  /** The browser keeps the refresh token in a cookie that no script can read. */
  signIn(email: string, password: string): Promise<SignedIn>;
  signUp(user: NewUser): Promise<SignedIn>;
  refreshSession(): Promise<SignedIn>;
  signOut(): Promise<void>;
}

export interface AccountApi {
  me(): Promise<User>;
  changeName(name: string): Promise<User>;
  changePassword(current: string, wanted: string): Promise<void>;
  deleteMe(password: string): Promise<Job>;
  exportMe(): Promise<Job>;
  job(id: string): Promise<Job>;
  exportFile(job: string): Promise<Blob>;
  openSessions(cursor: string | null): Promise<Part<OpenSession>>;
  endSession(id: string): Promise<void>;
  endOtherSessions(): Promise<void>;
  apiKeys(cursor: string | null): Promise<Part<ApiKey>>;
  /** The key itself is given this once. */
  addApiKey(name: string, expiresInDays: number | null): Promise<ApiKey & { key: string }>;
  removeApiKey(id: string): Promise<void>;
}

export function sessionApi(requests: Requests): SessionApi {
  const open = async (path: string, body?: unknown) => {
    return fromWire(await requests.ask('POST', path, body === undefined ? {} : { body })) as SignedIn;
  };
  return {
    site: async () => fromWire(await requests.ask('GET', '/site')) as Site,
    signIn: (email, password) => open('/session', { email, password }),
    signUp: (user) => open('/users', user),
    refreshSession: () => open('/session/refresh'),
    signOut: () => requests.own('DELETE', '/session'),
  };
}

export function accountApi(requests: Requests): AccountApi {
  const part = (name: string) => encodeURIComponent(name);
  return {
    me: () => requests.own('GET', '/me'),
    changeName: (name) => requests.own('PATCH', '/me', { name }),
    changePassword: (current, wanted) => requests.own('PUT', '/me/password', { current, new: wanted }),
    deleteMe: (password) => requests.own('DELETE', '/me', { password }),
    exportMe: () => requests.own('POST', '/me/export'),
    job: (id) => requests.own('GET', `/jobs/${part(id)}`),
    exportFile: async (job) => (await requests.respond('GET', `/me/exports/${part(job)}`, { account: true })).blob(),
    openSessions: (cursor) => requests.own('GET', partPath('/me/sessions', cursor)),
    endSession: (id) => requests.own('DELETE', `/me/sessions/${part(id)}`),
    endOtherSessions: () => requests.own('DELETE', '/me/sessions'),
    apiKeys: (cursor) => requests.own('GET', partPath('/me/api-keys', cursor)),
    addApiKey: (name, expiresInDays) =>
      requests.own('POST', '/me/api-keys', { name, ...(expiresInDays === null ? {} : { expiresInDays }) }),
    removeApiKey: (id) => requests.own('DELETE', `/me/api-keys/${part(id)}`),
  };
}
