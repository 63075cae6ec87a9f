/** One request to `/api/v1` of this page's own origin, with the proof that it takes. To `client.ts` and the rest of it. */
import type { Credentials } from '../session/credentials';
import { readFacts } from './facts';
import { ApiError } from './types';
import { fromWire, toWire } from './wire';

const BASE = '/api/v1';
const ANSWER_WITHIN_MS = 15_000;

export interface Content {
  body?: unknown;
  /** Sent as it is, instead of a body. */
  file?: Blob;
  /** Of a participant or a host. */
  secret?: string | null;
  /** Sent with the account's access token, if somebody is signed in and there is no secret. */
  account?: boolean;
}

export class Requests {
  constructor(
    private readonly send: typeof fetch,
    private readonly credentials: Credentials,
  ) {}

  /** Ask, and trust the shape of the answer: it is our own server's. Raises `ApiError`. */
  async ask<Answer>(method: string, path: string, content: Content = {}): Promise<Answer> {
    const response = await this.respond(method, path, content);
    if (response.status === 204) return undefined as Answer;
    return (await response.json()) as Answer;
  }

  /** As `ask` with the account's token; names are turned from snake_case into the page's own, and back in the body. */
  async own<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.ask<unknown>(method, path, { account: true, ...(body === undefined ? {} : { body: toWire(body) }) });
    return fromWire(answer) as Answer;
  }

  /** Raises `ApiError` for whatever is no success. An access token that is refused is renewed, once. */
  async respond(method: string, path: string, content: Content = {}): Promise<Response> {
    if (content.secret || !content.account) return accepted(await this.answer(method, path, content, content.secret ?? null));
    const token = await this.credentials.current();
    const response = await this.answer(method, path, content, token);
    if (response.status !== 401 || token === null) return accepted(response);
    const renewed = await this.credentials.instead(token);
    return accepted(renewed === null ? response : await this.answer(method, path, content, renewed));
  }

  private async answer(method: string, path: string, { body, file }: Content, proof: string | null): Promise<Response> {
    const headers = new Headers();
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    if (proof) headers.set('Authorization', `Bearer ${proof}`);
    try {
      return await this.send(BASE + path, {
        method,
        headers,
        ...(file === undefined ? {} : { body: file }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch (error) {
      throw new ApiError('unreachable', error instanceof Error ? error.message : 'no answer');
    }
  }
}

async function accepted(response: Response): Promise<Response> {
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Read `application/problem+json` (RFC 9457); a proxy's page of its own counts as unreachable. */
async function problemOf(response: Response): Promise<ApiError> {
  const retryAfterS = Number(response.headers.get('Retry-After')) || null;
  try {
    const problem = (await response.json()) as { code?: unknown; detail?: unknown };
    if (typeof problem.code === 'string') {
      const detail = typeof problem.detail === 'string' ? problem.detail : '';
      return new ApiError(problem.code, detail, retryAfterS, response.status, readFacts(problem));
    }
  } catch {
    // Not a problem of ours.
  }
  return new ApiError('unreachable', `the server answered ${response.status}`, retryAfterS, response.status);
}
