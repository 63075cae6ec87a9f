/** Talks to `/api/v1` of this page's own origin. Beside `types.ts`, whose `Api` it keeps. */
import type { Caption } from '../call/caption';
import type { LanguageOption } from '../call/languages';
import type { VoiceOption } from '../call/voices';
import { Credentials } from '../session/credentials';
import { accountApi, sessionApi } from './accounts';
import { adminApi } from './admin';
import { readGlossary, writeTerm, type WireGlossary } from './glossary';
import type { LobbyAnswer } from './lobby';
import { readModels, readPull, type WireModels, type WirePull } from './models';
import { myRoomsApi } from './myRooms';
import { Requests, type Content } from './request';
import { teamsApi } from './teams';
import type { Api, Choices, Direction, Ticket } from './types';
import { webhooksApi } from './webhooks';

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

interface WireWaiting {
  ticket: string;
  position: number | null;
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
  /** Absent from servers of before accounts. */
  title?: string;
  lobby?: boolean;
  interpretation?: boolean;
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

/** Keep `Api` over `send`, which is the browser's `fetch`, with the token of whoever is signed in. */
export function createApi(send: typeof fetch, credentials = new Credentials()): Api {
  const requests = new Requests(send, credentials);
  const ask = <Answer>(method: string, path: string, content: Content = {}) => requests.ask<Answer>(method, path, content);
  return {
    ...sessionApi(requests),
    ...accountApi(requests),
    ...teamsApi(requests),
    ...webhooksApi(requests),
    ...myRoomsApi(requests),
    ...adminApi(requests),

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
      const answer = await ask<{ room: string; host_secret: string }>('POST', '/rooms', {
        body: { password },
        account: true,
      });
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
        title: answer.title ?? '',
        lobby: answer.lobby ?? false,
        interpretation: answer.interpretation ?? true,
        practice: answer.practice,
        speaks: answer.speaks.map(readOption),
        reads: answer.reads.map(readOption),
        listens: answer.listens.map(readOption),
        voices: answer.voices,
        directions: answer.directions,
      };
    },

    async join(room, name, choices, secretOfBefore, again = false) {
      const body = { name, ...choices, ...(again ? { again } : {}) };
      const answer = await ask<WireJoined | WireWaiting>('POST', `${roomPath(room)}/join`, { body, secret: secretOfBefore });
      return 'ticket' in answer ? answer : readTicket(answer);
    },

    async lobbyAnswer(room, ticket): Promise<LobbyAnswer> {
      const path = `${roomPath(room)}/lobby/${encodeURIComponent(ticket)}`;
      const answer = await ask<{ state: LobbyAnswer['state']; position?: number | null; joined?: WireJoined | null }>('GET', path);
      if (answer.state === 'admitted' && answer.joined) return { state: 'admitted', joined: readTicket(answer.joined) };
      if (answer.state === 'refused' || answer.state === 'left') return { state: answer.state };
      return { state: 'waiting', position: answer.position ?? null };
    },

    async leaveLobby(room, ticket) {
      await ask('DELETE', `${roomPath(room)}/lobby/${encodeURIComponent(ticket)}`);
    },

    async waiters(room, secret) {
      const answer = await ask<{ ticket: string; name: string; waiting_s: number }[]>('GET', `${roomPath(room)}/lobby`, { secret });
      return answer.map(({ waiting_s, ...waiter }) => ({ ...waiter, waitingS: waiting_s }));
    },

    async answerWaiter(room, secret, ticket, admit) {
      await ask('POST', `${roomPath(room)}/lobby/${encodeURIComponent(ticket)}`, { body: { admit }, secret });
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

    async setInterpretation(room, hostSecret, interpretation) {
      await ask('PATCH', roomPath(room), { body: { interpretation }, secret: hostSecret });
    },

    async setTranscribed(room, hostSecret, identity, allowed) {
      const path = `${roomPath(room)}/participants/${encodeURIComponent(identity)}/transcribed`;
      await ask('PATCH', path, { body: { allowed }, secret: hostSecret });
    },

    async setCohost(room, hostSecret, identity, isCohost) {
      const path = `${roomPath(room)}/participants/${encodeURIComponent(identity)}/cohost`;
      await ask(isCohost ? 'POST' : 'DELETE', path, { secret: hostSecret });
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
      const response = await requests.respond('GET', `${roomPath(room)}/glossary/export?format=${format}`, { secret });
      return response.blob();
    },
  };
}

function roomPath(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}

function readTicket({ identity, name, secret, token, server_path, choices }: WireJoined): Ticket {
  return { identity, name, secret, token, serverPath: server_path, choices };
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
    missedSeq: null,
    startS: wire.start_s,
    endS: wire.end_s,
  };
}
