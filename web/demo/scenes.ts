/** Invented calls, one for each state worth looking at. */
import type { Api, RoomInfo } from '../src/api/types';
import type { CallState, Person } from '../src/call/callState';
import type { Preferences } from '../src/call/preferences';
import { captionWith, FakeCall, personWith } from '../src/testing/fakeCall';
import { ROOM, roomWith } from '../src/testing/fakeApi';
import { face } from './faces';

interface Scene {
  path: string;
  host?: boolean;
  refusals?: Partial<Record<keyof Api, string>>;
  preferences?: Partial<Preferences>;
  state?: Partial<CallState>;
  people?: number;
  room?: RoomInfo;
  talk?: boolean;
  /** Oneself has not agreed to be interpreted. */
  ownVoiceOnly?: boolean;
  /** Words were lost: some at the end of a sentence, and all of another. */
  gap?: boolean;
  /** As many more finals as fill the history, one of somebody who left. */
  long?: boolean;
}

const PATH = `/r/${ROOM.room}`;

export const SCENES: Record<string, Scene> = {
  home: { path: '/' },
  homeDown: { path: '/', refusals: { capabilities: 'unreachable', makeRoom: 'unreachable' } },
  lobby: { path: PATH },
  lobbyFull: { path: PATH, refusals: { join: 'room_full' } },
  lobbyBuiltIn: { path: PATH, room: roomWith({ speaks: ['en'], reads: ['en', 'es', 'ca', 'gl', 'eo'], hears: ['es', 'ca'] }) },
  gone: { path: PATH, refusals: { seeRoom: 'room_not_found' } },
  down: { path: PATH, refusals: { seeRoom: 'unreachable' } },
  nowhere: { path: '/elsewhere' },
  call: { path: PATH, people: 3, talk: true },
  callHost: { path: PATH, people: 4, talk: true, host: true },
  callMany: { path: PATH, people: 12, talk: true },
  callSpeaker: { path: PATH, people: 5, talk: true, preferences: { view: 'speaker' } },
  callShare: { path: PATH, people: 4, talk: true },
  alone: { path: PATH, people: 1 },
  reconnecting: { path: PATH, people: 3, state: { phase: 'reconnecting' } },
  paused: {
    path: PATH,
    people: 3,
    talk: true,
    state: { notices: [{ speaker: 'p-an', language: null, level: 3, reason: 'voice_gone' }], hints: ['camera_paused', 'microphone_denied'] },
  },
  overload: {
    path: PATH,
    people: 4,
    talk: true,
    state: { notices: [{ speaker: 'p-an', language: null, level: 5, reason: 'capacity' }] },
  },
  gap: { path: PATH, people: 3, gap: true },
  long: { path: PATH, people: 3, talk: true, long: true },
  ownVoice: { path: PATH, people: 3, talk: true, ownVoiceOnly: true },
  noMedia: { path: PATH, people: 0, state: { phase: 'connecting', hints: ['no_media'] } },
  ended: { path: PATH, people: 3, state: { phase: 'ended', end: 'ended_by_host' } },
  lost: { path: PATH, people: 3, state: { phase: 'ended', end: 'lost' } },
  left: { path: PATH, people: 3, talk: true, state: { phase: 'ended', end: 'left' } },
};

const OTHERS: [string, string, string][] = [
  ['p-an', 'Nguyễn Thị An', 'vi'],
  ['p-eva', 'Eva Sánchez', 'es'],
  ['p-ken', 'Tanaka Ken', 'ja'],
  ['p-lea', 'Léa Martin', 'fr'],
  ['p-sam', 'Sam', 'en'],
  ['p-minh', 'Phạm Minh', 'vi'],
  ['p-ana', 'Ana Ferrer i Puig', 'ca'],
  ['p-joe', 'Joe', 'en'],
  ['p-mai', 'Mai', 'vi'],
  ['p-luz', 'Luz', 'es'],
  ['p-kim', 'Kim', 'en'],
];

export function roomOfScene(name: string): RoomInfo {
  return SCENES[name]?.room ?? ROOM;
}

export function playScene(name: string, language: 'en' | 'vi'): FakeCall {
  const scene = SCENES[name];
  const people = scene?.people === 0 ? [] : peopleOf(scene?.people ?? 3, language);
  if (scene?.ownVoiceOnly && people[0]) people[0] = { ...people[0], consents: false };
  if (name === 'callShare' && people[2]) people[2] = { ...people[2], screen: face(9) };
  const call = new FakeCall({ people, activeSpeaker: 'p-an', ...scene?.state }, { reads: language });
  if (scene?.long) talkLong(call, language);
  if (scene?.talk) talk(call, language);
  if (scene?.gap) loseWords(call, language);
  return call;
}

function peopleOf(count: number, language: 'en' | 'vi'): Person[] {
  const me = personWith({
    identity: 'p-me',
    name: 'Ben Carter',
    isLocal: true,
    speaks: language,
    reads: language,
    listens: language,
    cameraOn: true,
    video: face(0),
  });
  const others = OTHERS.slice(0, count - 1).map(([identity, personName, speaks], index) =>
    personWith({
      identity,
      name: personName,
      speaks,
      reads: speaks,
      listens: index % 2 === 0 ? speaks : 'original',
      colour: (index + 1) % 8,
      video: index % 3 === 1 ? null : face(index + 1),
      cameraOn: index % 3 !== 1,
      speaking: index === 0,
      dubSounding: index === 0,
      microphoneOn: index !== 1,
      consents: index !== 4,
      weakConnection: index === 3,
    }),
  );
  return [me, ...others];
}

const TALK = {
  en: [
    ['1', 'p-an', 'vi', 'Good morning everyone, can you all see the plan?', 'Chào buổi sáng mọi người, mọi người có thấy kế hoạch không?'],
    ['2', 'p-eva', 'es', 'Yes, I have it in front of me.', 'Sí, lo tengo delante.'],
    ['3', 'p-an', 'vi', 'The second warehouse opens in March, two weeks earlier than we thought.', 'Nhà kho thứ hai mở cửa vào tháng ba, sớm hơn hai tuần so với dự tính.'],
  ],
  vi: [
    ['1', 'p-eva', 'en', 'Chào buổi sáng mọi người, mọi người có thấy kế hoạch không?', 'Good morning everyone, can you all see the plan?'],
    ['2', 'p-eva', 'es', 'Có, tôi đang mở nó trước mặt.', 'Sí, lo tengo delante.'],
    ['3', 'p-eva', 'es', 'Nhà kho thứ hai mở cửa vào tháng ba, sớm hơn hai tuần so với dự tính.', 'El segundo almacén abre en marzo, dos semanas antes de lo previsto.'],
  ],
} as const;

function talk(call: FakeCall, language: 'en' | 'vi'): void {
  let order = 0;
  const say = (segment: string, speaker: string, sourceLanguage: string, text: string, original: string, final: boolean) => {
    order += 1;
    call.captions.receive(
      captionWith({
        segment: `1.${segment}`,
        speaker,
        language,
        sourceLanguage,
        text,
        final,
        seq: final ? Number(segment) : 0,
        committedChars: Math.floor(text.length * 0.6),
        lagMs: 2_100,
        original,
      }),
      order,
    );
  };
  for (const [segment, speaker, source, text, original] of TALK[language]) say(segment, speaker, source, text, original, true);
  const [segment, speaker, source, text] =
    language === 'en'
      ? ['4', 'p-eva', 'es', 'Then the shelves have to be ordered this week, and']
      : ['4', 'p-eva', 'es', 'Vậy thì tuần này phải đặt kệ hàng, và'];
  say(segment, speaker, source, text, '', false);
}

function talkLong(call: FakeCall, language: 'en' | 'vi'): void {
  const speakers = ['p-an', 'p-eva', 'p-gone', 'practice-01'];
  const finals = Array.from({ length: 24 }, (_, index) => {
    const [, , sourceLanguage, text, original] = TALK[language][index % 3] ?? TALK[language][0];
    const speaker = speakers[index % speakers.length] ?? 'p-an';
    return captionWith({ segment: `0.${String(index)}`, speaker, language, sourceLanguage, text, original, final: true, seq: 0.01 * index });
  });
  call.captions.addHistory(finals);
}

function loseWords(call: FakeCall, language: 'en' | 'vi'): void {
  const lost = { speaker: 'p-an', language, sourceLanguage: 'vi', final: true, gap: true };
  const text = language === 'en' ? 'Before we go on, I would like to' : 'Trước khi tiếp tục, tôi muốn';
  call.captions.receive(captionWith({ ...lost, segment: '1.5', text, seq: 5 }), 50);
  call.captions.receive(captionWith({ ...lost, segment: '1.6', text: '', speaker: 'p-eva', sourceLanguage: 'es', seq: 6 }), 51);
}
