/** Talks to `/api/v1` of this page's own origin. Beside `types.ts`, whose `Api` it keeps. */
import type { Caption } from '../call/caption';
import type { LanguageOption } from '../call/languages';
import type { VoiceOption } from '../call/voices';
import { readGlossary, writeTerm, type WireGlossary } from './glossary';
import { readModels, readPull, type WireModels, type WirePull } from './models';
import { ApiError, type Api, type Choices, type Direction } from './types';

const BASE = '/api/v1';
const ANSWER_WITHIN_MS = 15_000;

interface WireLanguage {
  code: string;
  works: boolean;
  reason: string;
}

interface WireCaption {
  segment: string;
  speaker: string;
  language: string;
  source_language: string;
  text: string;
  start_s: number;
  end_s: number;
  final: boolean;
  seq: number;
  committed_chars: number;
  untranslated: boolean;
  /** Absent where nothing was lost. */
  gap?: boolean;
  /** Absent or empty where the caption is in the speaker's own words. */
  original?: string;
  lags: { caption_ms: number | null };
  epoch: number;
}

interface WireJoined {
  identity: string;
  name: string;
  secret: string;
  token: string;
  server_path: string;
  choices: Choices;
}

interface WireRoom {
  room: string;
  link: string;
  locked: boolean;
  people: number;
  most_people: number;
  interpreted: boolean;
  practice: boolean;
  speaks: WireLanguage[];
  reads: WireLanguage[];
  listens: WireLanguage[];
  voices: VoiceOption[];
  directions: Direction[];
}

interface WireCapabilities {
  directions: Direction[];
  offers: { conversations: [string, string][]; download_mb: number; command: string }[];
  missing: string[];
  host_password: boolean;
}

interface Content {
  body?: unknown;
  /** Sent as it is, instead of a body. */
  file?: Blob;
  secret?: string | null;
}

/** Keep `Api` over `send`, which is the browser's `fetch`. */
export function createApi(send: typeof fetch): Api {
  const ask = <Answer>(method: string, path: string, content: Content = {}) => request<Answer>(send, method, path, content);
  return {
    async capabilities() {
      const answer = await ask<WireCapabilities>('GET', '/capabilities');
      return {
        directions: answer.directions,
        offers: answer.offers.map(({ download_mb, ...offer }) => ({ ...offer, downloadMb: download_mb })),
        missing: answer.missing,
        hostPassword: answer.host_password,
      };
    },

    async makeRoom(password) {
      const answer = await ask<{ room: string; host_secret: string }>('POST', '/rooms', { body: { password } });
      return { room: answer.room, hostSecret: answer.host_secret };
    },

    async seeRoom(room) {
      const answer = await ask<WireRoom>('GET', roomPath(room));
      return {
        room: answer.room,
        link: answer.link,
        locked: answer.locked,
        people: answer.people,
        mostPeople: answer.most_people,
        interpreted: answer.interpreted,
        practice: answer.practice,
        speaks: answer.speaks.map(readOption),
        reads: answer.reads.map(readOption),
        listens: answer.listens.map(readOption),
        voices: answer.voices,
        directions: answer.directions,
      };
    },

    async join(room, name, choices, secretOfBefore) {
      const body = { name, ...choices };
      const answer = await ask<WireJoined>('POST', `${roomPath(room)}/join`, { body, secret: secretOfBefore });
      const { identity, secret, token, server_path } = answer;
      return { identity, name: answer.name, secret, token, serverPath: server_path, choices: answer.choices };
    },

    changeChoices(room, ticket, change) {
      const path = `${roomPath(room)}/participants/${encodeURIComponent(ticket.identity)}`;
      return ask<Choices>('PATCH', path, { body: change, secret: ticket.secret });
    },

    async captions(room, ticket, language, afterSeq) {
      const query = new URLSearchParams({ language, after_seq: String(afterSeq), limit: '500' });
      const path = `${roomPath(room)}/captions?${query.toString()}`;
      const answer = await ask<{ captions: WireCaption[]; last_seq: number; epoch: number }>('GET', path, {
        secret: ticket.secret,
      });
      return { captions: answer.captions.map(readCaption), lastSeq: answer.last_seq, epoch: answer.epoch };
    },

    async addPracticeSpeaker(room, ticket, speaks) {
      await ask('POST', `${roomPath(room)}/practice-speaker`, { body: { speaks }, secret: ticket.secret });
    },

    async lockRoom(room, hostSecret, locked) {
      await ask('PATCH', roomPath(room), { body: { locked }, secret: hostSecret });
    },

    async endRoom(room, hostSecret) {
      await ask('DELETE', roomPath(room), { secret: hostSecret });
    },

    async mute(room, hostSecret, identity) {
      const path = `${roomPath(room)}/participants/${encodeURIComponent(identity)}/mute`;
      await ask('POST', path, { secret: hostSecret });
    },

    async remove(room, hostSecret, identity) {
      const path = `${roomPath(room)}/participants/${encodeURIComponent(identity)}`;
      await ask('DELETE', path, { secret: hostSecret });
    },

    async models() {
      return readModels(await ask<WireModels>('GET', '/models'));
    },

    async modelPull() {
      return readPull(await ask<WirePull>('GET', '/models/pull'));
    },

    async pullModels(names, accepts) {
      return readPull(await ask<WirePull>('POST', '/models/pull', { body: { models: names, accepts } }));
    },

    async cancelModelPull() {
      return readPull(await ask<WirePull>('DELETE', '/models/pull'));
    },

    async glossary(room, secret) {
      return readGlossary(await ask<WireGlossary>('GET', `${roomPath(room)}/glossary`, { secret }));
    },

    async setGlossary(room, hostSecret, version, terms) {
      const body = { version, terms: terms.map(writeTerm) };
      return readGlossary(await ask<WireGlossary>('PUT', `${roomPath(room)}/glossary`, { body, secret: hostSecret }));
    },

    async importGlossary(room, hostSecret, file, direction) {
      const query = direction ? `?${new URLSearchParams({ ...direction }).toString()}` : '';
      const path = `${roomPath(room)}/glossary/import${query}`;
      const answer = await ask<WireGlossary>('POST', path, { file, secret: hostSecret });
      return { ...readGlossary(answer), added: answer.added ?? 0 };
    },

    async exportGlossary(room, secret, format) {
      const response = await respond(send, 'GET', `${roomPath(room)}/glossary/export?format=${format}`, { secret });
      return response.blob();
    },
  };
}

/** Ask, and trust the shape of the answer: it is our own server's. Raises `ApiError`. */
async function request<Answer>(send: typeof fetch, method: string, path: string, content: Content): Promise<Answer> {
  const response = await respond(send, method, path, content);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

/** Raises `ApiError` for whatever is no success. */
async function respond(send: typeof fetch, method: string, path: string, { body, file, secret }: Content): Promise<Response> {
  const headers = new Headers();
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (secret) headers.set('Authorization', `Bearer ${secret}`);
  let response: Response;
  try {
    response = await send(BASE + path, {
      method,
      headers,
      ...(file === undefined ? {} : { body: file }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch (error) {
    throw new ApiError('unreachable', error instanceof Error ? error.message : 'no answer');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Read `application/problem+json` (RFC 9457); a proxy's page of its own counts as unreachable. */
async function problemOf(response: Response): Promise<ApiError> {
  const retryAfterS = Number(response.headers.get('Retry-After')) || null;
  try {
    const problem = (await response.json()) as { code?: unknown; detail?: unknown };
    if (typeof problem.code === 'string') {
      return new ApiError(problem.code, typeof problem.detail === 'string' ? problem.detail : '', retryAfterS);
    }
  } catch {
    // Not a problem of ours.
  }
  return new ApiError('unreachable', `the server answered ${response.status}`, retryAfterS);
}

function roomPath(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}

function readOption({ code, works, reason }: WireLanguage): LanguageOption {
  return { code, works, reason };
}

function readCaption(wire: WireCaption): Caption {
  return {
    segment: wire.segment,
    speaker: wire.speaker,
    language: wire.language,
    sourceLanguage: wire.source_language,
    text: wire.text,
    final: wire.final,
    seq: wire.seq,
    epoch: wire.epoch,
    committedChars: wire.committed_chars,
    lagMs: wire.lags.caption_ms,
    untranslated: wire.untranslated,
    original: wire.original || null,
    gap: wire.gap ?? false,
    startS: wire.start_s,
    endS: wire.end_s,
  };
}
