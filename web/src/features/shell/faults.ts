/** What the API refused, kept to be said in words. To `components/FaultNotice.tsx` and every hook that asks. */
import type { Facts } from '../../api/facts';
import { ApiError, codeOf } from '../../api/types';

export interface Fault {
  code: string;
  retryAfterS: number | null;
  /** Which limit it was, or which rule: `refusals.ts` has the words. */
  facts: Facts;
}

/** Of a code that the page found by itself. */
export function plainFault(code: string): Fault {
  return { code, retryAfterS: null, facts: {} };
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof ApiError)) return plainFault(codeOf(error));
  return { code: error.code, retryAfterS: error.retryAfterS, facts: error.facts };
}

/** Codes that have words of their own under `fault`: all that the API documents, and that it does not answer. */
export const FAULTS = [
  'wrong_credentials',
  'not_signed_in',
  'account_disabled',
  'forbidden',
  'not_allowed',
  'limit_reached',
  'email_taken',
  'email_invalid',
  'password_refused',
  'sign_up_closed',
  'already_member',
  'last_owner',
  'last_admin',
  'job_not_parked',
  'invitation_not_found',
  'account_not_found',
  'team_not_found',
  'member_not_found',
  'session_not_found',
  'api_key_not_found',
  'room_not_found',
  'room_not_open',
  'schedule_not_found',
  'schedule_invalid',
  'too_many_meetings',
  'too_many_rooms',
  'too_many_hosts',
  'too_many_api_keys',
  'too_many_invitations',
  'too_many_teams',
  'too_many_webhooks',
  'team_full',
  'slots_taken',
  'webhook_not_found',
  'webhook_address_refused',
  'plan_limits_invalid',
  'person_not_found',
  'export_not_found',
  'job_not_found',
  'ticket_not_found',
  'participant_not_found',
  'model_not_found',
  'glossary_changed',
  'room_full',
  'room_full_by_plan',
  'room_locked',
  'lobby_full',
  'choice_not_possible',
  'unknown_language',
  'licence_not_accepted',
  'pull_under_way',
  'oidc_off',
  'idempotency_key_reused',
  'request_under_way',
  'answer_not_kept',
  'bad_request',
  'origin_not_allowed',
  'too_large',
  'too_slow',
  'too_many_requests',
  'request_invalid',
  'capacity_exhausted',
  'engine_unavailable',
  'room_error',
  'store_unavailable',
  'store_full',
  'unreachable',
] as const;
