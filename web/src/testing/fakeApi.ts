/** An API without a server: what the built-in engines can, and answers as a test sets them. */
import type { Api, Capabilities, Choices, RoomInfo, Ticket } from '../api/types';
import type { Models, Pull } from '../api/models';
import type { Glossary, GlossaryFormat, Term, TermDirection } from '../api/glossary';
import { ApiError } from '../api/types';
import type { LobbyAnswer, Waiter, Waiting } from '../api/lobby';
import type { LanguageOption } from '../call/languages';
import { FakeAccounts } from './fakeAccounts';

const ALL = ['en', 'vi', 'zh', 'ja', 'ko', 'fr', 'de', 'es', 'it', 'pt', 'ru', 'ar', 'hi', 'th', 'id', 'ca', 'gl', 'eo'];

export const CAPABILITIES: Capabilities = {
  directions: ['es', 'ca', 'gl', 'eo'].map((target) => ({ source: 'en', target, voice: true })),
  offers: [
    { conversations: [['en', 'vi']], downloadMb: 358, command: 'dragoman models pull whisper-base firefox-en-vi firefox-vi-en' },
    { conversations: [['en', 'fr'], ['en', 'de'], ['fr', 'de']], downloadMb: 1_240, command: 'dragoman models pull whisper-small nllb-600m' },
  ],
  missing: [],
  hostPassword: false,
};

export const IDLE: Pull = { phase: 'idle', models: [], model: '', doneBytes: 0, totalBytes: 0, inUse: [], leftAside: [], missing: [], code: '', detail: '' };

export const MODELS: Models = {
  models: [
    {
      id: 'whisper-small', kind: 'speech-to-text', languages: ['en', 'vi', 'zh', 'ja', 'ko', 'fr'], pairs: [], sizeMb: 486, ramMb: 470,
      licence: 'MIT', accepted: true, installed: true, attribution: 'OpenAI',
    },
    {
      id: 'firefox-en-vi', kind: 'translation', languages: [], pairs: [['en', 'vi']], sizeMb: 45, ramMb: 186,
      licence: 'MPL-2.0', accepted: true, installed: false, attribution: 'Mozilla',
    },
    {
      id: 'nllb-600m', kind: 'translation', languages: [], pairs: [['en', 'vi'], ['vi', 'en'], ['en', 'fr'], ['fr', 'en']], sizeMb: 634,
      ramMb: 694, licence: 'CC-BY-NC-4.0', accepted: false, installed: false, attribution: 'Meta AI',
    },
  ],
  profiles: [
    { name: 'default', models: ['whisper-small', 'firefox-en-vi'], missingMb: 45, ramMb: 656, licences: ['MIT', 'MPL-2.0'], complete: false },
    { name: 'noncommercial', models: ['nllb-600m'], missingMb: 634, ramMb: 694, licences: ['CC-BY-NC-4.0'], complete: false },
  ],
  freeDiskMb: 20_000,
  freeRamMb: 660,
  mayPull: true,
  pull: IDLE,
};

/** A room in which these languages can be spoken, read and heard. */
export function roomWith(codes: { speaks: string[]; reads: string[]; hears: string[] }): RoomInfo {
  const options = (working: string[], reason: string): LanguageOption[] =>
    ALL.map((code) => ({ code, works: working.includes(code), reason: working.includes(code) ? '' : reason }));
  return {
    room: 'fk3jLq9ZtB7xWm2RvY8sHd1c',
    link: 'https://calls.example/r/fk3jLq9ZtB7xWm2RvY8sHd1c',
    locked: false,
    people: 2,
    mostPeople: 50,
    interpreted: true,
    interpretation: true,
    title: '',
    lobby: false,
    practice: true,
    speaks: options(codes.speaks, 'not_recognised'),
    reads: options(codes.reads, 'not_translated'),
    listens: options(codes.hears, 'no_voice'),
    voices: [
      { voice: 'natural', works: true, reason: '' },
      { voice: 'fast', works: true, reason: '' },
      { voice: 'own', works: false, reason: 'no_own_voice' },
    ],
    directions: codes.speaks.flatMap((source) =>
      codes.reads.filter((target) => target !== source).map((target) => ({ source, target, voice: codes.hears.includes(target) })),
    ),
  };
}

export const ROOM = roomWith({ speaks: ['en', 'vi', 'es', 'ja'], reads: ['en', 'vi', 'es', 'ca', 'fr'], hears: ['en', 'vi', 'es'] });

type Refusals = Partial<Record<keyof Api, string>>;

/** Keeps `Api`. `refusals` names the code with which a request is refused; `calls` lists what was asked. */
export class FakeApi extends FakeAccounts implements Api {
  /** The models of the server; null where this page may not see them. */
  held: Models | null = null;
  /** The glossary of the room. */
  kept: Glossary = { version: '', terms: [] };
  /** Joining gives a place in this line instead of a ticket. */
  line: Waiting | null = null;
  /** What is said to who waits, one after the other; the last stays. */
  lobbyAnswers: LobbyAnswer[] = [];
  /** Who waits before the room. */
  waiting: Waiter[] = [];

  constructor(
    readonly room: RoomInfo = ROOM,
    refusals: Refusals = {},
    readonly can: Capabilities = CAPABILITIES,
  ) {
    super(refusals);
  }

  capabilities() {
    return this.answer('capabilities', [], this.can);
  }

  makeRoom(password: string) {
    return this.answer('makeRoom', [password], { room: this.room.room, hostSecret: 'host-secret' });
  }

  seeRoom(room: string) {
    return this.answer('seeRoom', [room], this.room);
  }

  join(room: string, name: string, choices: Choices, secretOfBefore: string | null, again = false) {
    return this.answer('join', [room, name, choices, secretOfBefore, again], this.line ?? ticketFor(name, choices));
  }

  lobbyAnswer(room: string, ticket: string) {
    const [next = { state: 'waiting', position: 1 } as const, ...later] = this.lobbyAnswers;
    if (later.length > 0) this.lobbyAnswers = later;
    return this.answer('lobbyAnswer', [room, ticket], next);
  }

  leaveLobby(room: string, ticket: string) {
    return this.answer('leaveLobby', [room, ticket], undefined);
  }

  waiters(room: string, secret: string) {
    return this.answer('waiters', [room, secret], this.waiting);
  }

  answerWaiter(room: string, secret: string, ticket: string, admit: boolean) {
    this.waiting = this.waiting.filter((waiter) => waiter.ticket !== ticket);
    return this.answer('answerWaiter', [room, secret, ticket, admit], undefined);
  }

  setInterpretation(room: string, hostSecret: string, on: boolean) {
    return this.answer('setInterpretation', [room, hostSecret, on], undefined);
  }

  setTranscribed(room: string, hostSecret: string, identity: string, allowed: boolean) {
    return this.answer('setTranscribed', [room, hostSecret, identity, allowed], undefined);
  }

  setCohost(room: string, hostSecret: string, identity: string, isCohost: boolean) {
    return this.answer('setCohost', [room, hostSecret, identity, isCohost], undefined);
  }

  changeChoices(room: string, ticket: Ticket, change: Partial<Choices>) {
    return this.answer('changeChoices', [room, change], { ...ticket.choices, ...change });
  }

  captions(room: string, _ticket: Ticket, language: string, afterSeq: number) {
    return this.answer('captions', [room, language, afterSeq], { captions: [], lastSeq: 0, epoch: 1 });
  }

  addPracticeSpeaker(room: string, _ticket: Ticket, speaks: string) {
    return this.answer('addPracticeSpeaker', [room, speaks], undefined);
  }

  lockRoom(room: string, hostSecret: string, locked: boolean) {
    return this.answer('lockRoom', [room, hostSecret, locked], undefined);
  }

  endRoom(room: string, hostSecret: string) {
    return this.answer('endRoom', [room, hostSecret], undefined);
  }

  mute(room: string, hostSecret: string, identity: string) {
    return this.answer('mute', [room, hostSecret, identity], undefined);
  }

  remove(room: string, hostSecret: string, identity: string) {
    return this.answer('remove', [room, hostSecret, identity], undefined);
  }

  models() {
    if (this.held) return this.answer('models', [], this.held);
    this.calls.push({ name: 'models', args: [] });
    return Promise.reject(new ApiError('not_allowed', 'not_allowed'));
  }

  modelPull() {
    return this.answer('modelPull', [], this.held?.pull ?? IDLE);
  }

  pullModels(names: readonly string[], accepts: readonly string[]) {
    const pull: Pull = { ...IDLE, phase: 'pulling', models: [...names] };
    if (this.held && !this.refusals.pullModels) this.held = { ...this.held, pull };
    return this.answer('pullModels', [names, accepts], pull);
  }

  cancelModelPull() {
    const pull: Pull = { ...IDLE, phase: 'cancelled' };
    if (this.held) this.held = { ...this.held, pull };
    return this.answer('cancelModelPull', [], pull);
  }

  glossary(room: string, secret: string) {
    return this.answer('glossary', [room, secret], this.kept);
  }

  setGlossary(room: string, hostSecret: string, version: string, terms: readonly Term[]) {
    if (!this.refusals.setGlossary) this.kept = { version: `${version}+`, terms: [...terms] };
    return this.answer('setGlossary', [room, hostSecret, version, terms], this.kept);
  }

  importGlossary(room: string, hostSecret: string, file: Blob, direction: TermDirection | null) {
    return this.answer('importGlossary', [room, hostSecret, file, direction], { ...this.kept, added: 0 });
  }

  exportGlossary(room: string, secret: string, format: GlossaryFormat) {
    return this.answer('exportGlossary', [room, secret, format], new Blob(['source,target']));
  }
}

export function ticketFor(name: string, choices: Choices): Ticket {
  return { identity: 'p-me', name, secret: 'p-me.proof', token: 'token', serverPath: '/', choices };
}
