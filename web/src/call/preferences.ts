/** What the browser remembers of a person between calls, and of a room between two loads of its page. No cookies. */
import type { CallState } from './callState';
import type { LanguageCode } from './languages';
import { DEFAULT_UNDER_DUB, readHearing, type Hearing } from './dubTracks';
import { readWish, type VoiceWish } from './voices';

export type CaptionSize = 'S' | 'M' | 'L';
export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  name: string;
  speaks: LanguageCode | null;
  reads: LanguageCode | null;
  /** A language, `original`, or null for "same as I read". */
  listens: LanguageCode | null;
  /** Of the dubs. */
  voice: VoiceWish;
  /** Languages were chosen before: null then means "none", not "never asked". */
  chosen: boolean;
  /** Agreed to be interpreted, by an act of their own: never so by default. */
  consent: boolean;
  microphoneOn: boolean;
  cameraOn: boolean;
  microphoneId: string | null;
  cameraId: string | null;
  speakerId: string | null;
  captionsOn: boolean;
  captionSize: CaptionSize;
  originalWords: boolean;
  /** Level of the original under the dub, 0 to 1. */
  underDub: number;
  view: 'grid' | 'speaker';
  /** A sound when somebody waits to be let in. */
  waitingSound: boolean;
  theme: Theme;
  pageLanguage: 'en' | 'vi' | null;
}

export const DEFAULTS: Preferences = {
  name: '',
  speaks: null,
  reads: null,
  listens: null,
  voice: 'natural',
  chosen: false,
  consent: false,
  microphoneOn: true,
  cameraOn: true,
  microphoneId: null,
  cameraId: null,
  speakerId: null,
  captionsOn: true,
  captionSize: 'M',
  originalWords: true,
  underDub: DEFAULT_UNDER_DUB,
  view: 'grid',
  waitingSound: false,
  theme: 'system',
  pageLanguage: null,
};

const KEY = 'dragoman.preferences';
const HOSTED_KEY = 'dragoman.hosted';
const PASSWORD_KEY = 'dragoman.hostPassword';
const KNOWN_KEY = 'dragoman.known';
const HEARINGS_KEY = 'dragoman.hearings';
/** More people than ever are in a room; the first to be forgotten came first. */
const MAX_KNOWN = 200;
const MAX_HOSTED = 50;

/** What is remembered; whatever is missing or of another kind is as by default. */
export function readPreferences(storage: Storage): Preferences {
  const stored = readObject(storage, KEY);
  const entries = Object.entries(DEFAULTS).map(([name, byDefault]: [string, unknown]) => {
    const value = stored[name];
    const fits = value !== undefined && (byDefault === null || value === null ? isText(value) : typeof value === typeof byDefault);
    return [name, fits ? value : byDefault];
  });
  const read = Object.fromEntries(entries) as Preferences;
  return { ...read, voice: readWish(read.voice) };
}

export function writePreferences(storage: Storage, preferences: Preferences): void {
  write(storage, KEY, preferences);
}

/** The host secret of a room that this browser made, or null. */
export function readHostSecret(storage: Storage, room: string): string | null {
  const secret = readObject(storage, HOSTED_KEY)[room];
  return typeof secret === 'string' ? secret : null;
}

export function writeHostSecret(storage: Storage, room: string, secret: string): void {
  const hosted = Object.entries(readObject(storage, HOSTED_KEY)).filter(([known]) => known !== room);
  write(storage, HOSTED_KEY, Object.fromEntries([...hosted, [room, secret]].slice(-MAX_HOSTED)));
}

/**
 * Forget the host secrets of who has signed out. Without `all`, those that signing in gives again: of rooms that last,
 * `<user>.<proof>`.
 */
export function forgetHostSecrets(storage: Storage, { all = false } = {}): void {
  const hosted = Object.entries(readObject(storage, HOSTED_KEY));
  const kept = all ? [] : hosted.filter(([, secret]) => typeof secret === 'string' && !secret.includes('.'));
  if (kept.length > 0) write(storage, HOSTED_KEY, Object.fromEntries(kept));
  else remove(storage, HOSTED_KEY);
}

/** The host password this tab used last, or nothing. */
export function readHostPassword(storage: Storage): string {
  const { password } = readObject(storage, PASSWORD_KEY);
  return typeof password === 'string' ? password : '';
}

export function writeHostPassword(storage: Storage, password: string): void {
  if (password === '') storage.removeItem(PASSWORD_KEY);
  else write(storage, PASSWORD_KEY, { password });
}

/** Who this window was in the room before it was loaded again, or null. */
export function readOwnSecret(storage: Storage, room: string): string | null {
  const { secret } = readObject(storage, `dragoman.room.${room}`);
  return typeof secret === 'string' ? secret : null;
}

export function writeOwnSecret(storage: Storage, room: string, secret: string | null): void {
  if (secret === null) storage.removeItem(`dragoman.room.${room}`);
  else write(storage, `dragoman.room.${room}`, { secret });
}

/** Who was seen in the room by this tab: captions of people who left keep their names when the page is loaded again. */
export function readKnown(storage: Storage, room: string): CallState['known'] {
  const entries = Object.entries(readObject(storage, `${KNOWN_KEY}.${room}`)).flatMap(([identity, value]) => {
    if (typeof value !== 'object' || value === null) return [];
    const { name, colour } = value as Record<string, unknown>;
    return typeof name === 'string' && typeof colour === 'number' ? [[identity, { name, colour }] as const] : [];
  });
  return new Map(entries);
}

export function writeKnown(storage: Storage, room: string, known: CallState['known']): void {
  write(storage, `${KNOWN_KEY}.${room}`, Object.fromEntries([...known].slice(-MAX_KNOWN)));
}

/** What this tab chose to hear of each speaker in the room. */
export function readHearings(storage: Storage, room: string): Map<string, Hearing> {
  const entries = Object.entries(readObject(storage, `${HEARINGS_KEY}.${room}`)).flatMap(([identity, value]) => {
    const hearing = readHearing(value);
    return hearing ? [[identity, hearing] as const] : [];
  });
  return new Map(entries);
}

export function writeHearings(storage: Storage, room: string, hearings: ReadonlyMap<string, Hearing>): void {
  write(storage, `${HEARINGS_KEY}.${room}`, Object.fromEntries([...hearings].slice(-MAX_KNOWN)));
}

function isText(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function readObject(storage: Storage, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function remove(storage: Storage, key: string): void {
  try {
    storage.removeItem(key);
  } catch {
    // Where nothing is stored, nothing is to be forgotten.
  }
}

function write(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // A private window may refuse: then nothing is remembered, and the call works all the same.
  }
}
