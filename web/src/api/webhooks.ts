/** Addresses that are told what happens in a team. To `client.ts`. */
import { partPath, type Part } from './paging';
import type { Requests } from './request';

export const TEAM_EVENTS = ['room.opened', 'room.ended', 'room.scheduled', 'room.unscheduled', 'member.joined', 'member.left'] as const;
export type TeamEvent = (typeof TEAM_EVENTS)[number];

export interface Webhook {
  id: string;
  url: string;
  /** The server may know more of them than this page. */
  events: string[];
  disabled: boolean;
  /** Of its tries, in a row. */
  failures: number;
  createdAt: string;
}

export interface Delivery {
  id: string;
  event: string;
  /** Of the last answer. */
  status: number | null;
  /** Why there was no answer: a stable word. */
  error: string | null;
  attempts: number;
  createdAt: string;
  deliveredAt: string | null;
  /** When it is tried next; null where it is not. */
  nextAt: string | null;
}

export interface WebhooksApi {
  webhooks(team: string, cursor: string | null): Promise<Part<Webhook>>;
  /** The secret that signs what is sent is given this once. */
  addWebhook(team: string, url: string, events: readonly TeamEvent[]): Promise<Webhook & { secret: string }>;
  switchWebhook(team: string, id: string, disabled: boolean): Promise<Webhook>;
  removeWebhook(team: string, id: string): Promise<void>;
  deliveries(team: string, webhook: string, cursor: string | null): Promise<Part<Delivery>>;
  /** Send it something that says nothing. */
  testWebhook(team: string, webhook: string): Promise<Delivery>;
}

export function webhooksApi(requests: Requests): WebhooksApi {
  const path = (team: string, ...rest: string[]) =>
    [`/teams/${encodeURIComponent(team)}/webhooks`, ...rest.map(encodeURIComponent)].join('/');
  return {
    webhooks: (team, cursor) => requests.own('GET', partPath(path(team), cursor)),
    addWebhook: (team, url, events) => requests.own('POST', path(team), { url, events }),
    switchWebhook: (team, id, disabled) => requests.own('PATCH', path(team, id), { disabled }),
    removeWebhook: (team, id) => requests.own('DELETE', path(team, id)),
    deliveries: (team, webhook, cursor) => requests.own('GET', partPath(path(team, webhook, 'deliveries'), cursor)),
    testWebhook: (team, webhook) => requests.own('POST', path(team, webhook, 'test')),
  };
}
