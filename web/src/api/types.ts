/** What `/api/v1` answers, as the page uses it. `client.ts` fetches it; `src/testing/fakeApi.ts` plays it. */
import type { Caption } from '../call/caption';
import type { LanguageCode, LanguageOption } from '../call/languages';
import type { VoiceOption, VoiceWish } from '../call/voices';
import type { AccountApi, SessionApi } from './accounts';
import type { AdminApi } from './admin';
import type { Facts } from './facts';
import type { GlossaryApi } from './glossary';
import type { LobbyApi, Waiting } from './lobby';
import type { ModelsApi } from './models';
import type { MyRoomsApi } from './myRooms';
import type { TeamsApi } from './teams';
import type { WebhooksApi } from './webhooks';

export interface Direction {
  source: LanguageCode;
  target: LanguageCode;
  /** Dubbed as well; otherwise captions only. */
  voice: boolean;
}

/** Models that would add something. */
export interface Offer {
  conversations: [LanguageCode, LanguageCode][];
  downloadMb: number;
  /** What to type on the server. */
  command: string;
}

export interface Capabilities {
  directions: Direction[];
  offers: Offer[];
  missing: string[];
  /** Making a room takes the host password. */
  hostPassword: boolean;
}

export interface MadeRoom {
  room: string;
  hostSecret: string;
}

/** What there is to know of a room before joining. */
export interface RoomInfo {
  room: string;
  /** The address that other people can open: to be sent to them. */
  link: string;
  locked: boolean;
  people: number;
  mostPeople: number;
  interpreted: boolean;
  /** Of a room that lasts; else empty. */
  title: string;
  /** Guests wait until a host lets them in. */
  lobby: boolean;
  /** False: the host has switched it off. */
  interpretation: boolean;
  practice: boolean;
  speaks: LanguageOption[];
  reads: LanguageOption[];
  listens: LanguageOption[];
  voices: VoiceOption[];
  directions: Direction[];
}

/** What a participant chose. `listens` is a language or `original`. */
export interface Choices {
  speaks: LanguageCode | null;
  reads: LanguageCode | null;
  listens: LanguageCode;
  /** Of the dubs. */
  voice: VoiceWish;
  consent: boolean;
}

export interface Ticket {
  identity: string;
  /** As the others see it. */
  name: string;
  /** Proves that requests come from this participant. */
  secret: string;
  /** Opens LiveKit's room; for ten minutes, joining only. */
  token: string;
  /** Where LiveKit's signalling is, below this origin. */
  serverPath: string;
  choices: Choices;
}

export interface CaptionPage {
  captions: Caption[];
  lastSeq: number;
  epoch: number;
}

export interface Api extends GlossaryApi, ModelsApi, LobbyApi, SessionApi, AccountApi, TeamsApi, MyRoomsApi, WebhooksApi, AdminApi {
  capabilities(): Promise<Capabilities>;
  makeRoom(password: string): Promise<MadeRoom>;
  seeRoom(room: string): Promise<RoomInfo>;
  /**
   * With the secret of before, one comes back as who one was; with the host's, nobody waits. `again` is for a page that
   * comes back by itself: if the call of that secret is over, `room_not_found`, and no other one begins.
   */
  join(room: string, name: string, choices: Choices, secretOfBefore: string | null, again?: boolean): Promise<Ticket | Waiting>;
  changeChoices(room: string, ticket: Ticket, change: Partial<Choices>): Promise<Choices>;
  captions(room: string, ticket: Ticket, language: LanguageCode, afterSeq: number): Promise<CaptionPage>;
  addPracticeSpeaker(room: string, ticket: Ticket, speaks: LanguageCode): Promise<void>;
  lockRoom(room: string, hostSecret: string, locked: boolean): Promise<void>;
  setInterpretation(room: string, hostSecret: string, on: boolean): Promise<void>;
  /** Whether what somebody says may be turned into text. */
  setTranscribed(room: string, hostSecret: string, identity: string, allowed: boolean): Promise<void>;
  setCohost(room: string, hostSecret: string, identity: string, isCohost: boolean): Promise<void>;
  endRoom(room: string, hostSecret: string): Promise<void>;
  mute(room: string, hostSecret: string, identity: string): Promise<void>;
  remove(room: string, hostSecret: string, identity: string): Promise<void>;
}

/** A request that was not granted, or that got no answer (`code` is then `unreachable`). */
export class ApiError extends Error {
  constructor(
    /** Stable word: `room_not_found`, `room_full`, `room_locked`, `not_allowed`, `too_many_requests` ... */
    readonly code: string,
    /** The sentence of the server, in English: for who reads the console. */
    message: string,
    readonly retryAfterS: number | null = null,
    /** Of HTTP; 0 without an answer. */
    readonly status = 0,
    readonly facts: Facts = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The code of whatever was thrown. */
export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'unknown';
}
