/** What the page knows of a call at one moment. Made by `liveKitCall.ts`; shown by `features/call`. */
import type { Room } from 'livekit-client';

import type { CaptionFeed } from './captionFeed';
import type { Hearing, Listening } from './dubTracks';
import type { LanguageCode } from './languages';
import type { Notice } from './notices';

/** A picture that can be shown in any number of elements; LiveKit's video tracks are such. */
export interface VideoSource {
  attach(element: HTMLMediaElement): HTMLMediaElement;
  detach(element: HTMLMediaElement): HTMLMediaElement;
}

export interface Person {
  identity: string;
  name: string;
  isLocal: boolean;
  speaks: LanguageCode | null;
  reads: LanguageCode | null;
  /** A language or `original`. */
  listens: LanguageCode;
  /** Agreed to be interpreted. */
  consents: boolean;
  /** A host lets them be interpreted. */
  transcribed: boolean;
  /** Hosts the call beside its host. */
  isCohost: boolean;
  microphoneOn: boolean;
  cameraOn: boolean;
  video: VideoSource | null;
  /** The picture stands still because a connection is weak. */
  videoPaused: boolean;
  /** Shares the screen. */
  screen: VideoSource | null;
  speaking: boolean;
  /** A dubbed voice of this person sounds here now. */
  dubSounding: boolean;
  weakConnection: boolean;
  /** 0 to 7, by order of joining. */
  colour: number;
}

export type CallPhase = 'connecting' | 'connected' | 'reconnecting' | 'ended';

/** Why a call is over for this page. */
export type EndReason =
  | 'left'
  | 'ended_by_host'
  | 'ended_by_plan'
  | 'removed'
  | 'elsewhere'
  | 'room_gone'
  | 'room_full'
  | 'room_full_by_plan'
  | 'room_locked'
  | 'lobby_refused'
  | 'not_allowed'
  | 'lost';

/** What went wrong with a device or the network, until it is dismissed. */
export type Hint =
  | 'microphone_denied'
  | 'microphone_absent'
  | 'microphone_failed'
  | 'camera_denied'
  | 'camera_absent'
  | 'camera_failed'
  | 'device_refused'
  | 'share_failed'
  | 'share_lost'
  | 'camera_paused'
  | 'muted_by_host'
  | 'choice_failed'
  | 'withdrawal_waits'
  | 'no_media';

/** What a host decided for the whole call. */
export interface Decided {
  /** The call is interpreted, as far as people agree. */
  interpretation: boolean;
  /** Nobody new comes in. */
  locked: boolean;
}

export interface CallState {
  phase: CallPhase;
  end: EndReason | null;
  /** Everybody but the interpreter; oneself first. */
  people: readonly Person[];
  /** An interpreter is in the room. */
  interpreterPresent: boolean;
  notices: readonly Notice[];
  /** What a host decided for all; null until the call tells. */
  decided: Decided | null;
  /** When the plan of the room's owner ends the call, on this machine's clock (`Date.now`); null until people are told. */
  endsAtMs: number | null;
  /** Who spoke last and loudest; never oneself. */
  activeSpeaker: string | null;
  hints: readonly Hint[];
  /** Segments whose dubbed voice was left out. */
  unvoiced: ReadonlySet<string>;
  /** Everybody seen so far, for captions of people who left. */
  known: ReadonlyMap<string, KnownPerson>;
}

/** What stays of a person who left. */
export interface KnownPerson {
  name: string;
  colour: number;
}

/** A call that is running. `liveKitCall.ts` is the real one; `src/testing/fakeCall.ts` plays scenes. */
export interface CallSession {
  readonly captions: CaptionFeed;
  /** When it began, on the clock of the captions' `receivedAtMs`. */
  readonly beganAtMs: number;
  /** For the hooks of `@livekit/components-react`. */
  readonly room: Room;
  readonly subscribe: (listener: () => void) => () => void;
  readonly getState: () => CallState;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  setScreenShare(on: boolean): Promise<void>;
  /** What this listener wants to hear and read from now on. */
  setLanguages(languages: Listening & { reads: LanguageCode | null }): void;
  /** The server counts what this listener reads: what was said until now has no translation to wait for. */
  languageCounts(): void;
  /** Fetch the speaker's own words too. */
  setShowOriginals(on: boolean): void;
  hearingOf(identity: string): Hearing;
  setHearing(identity: string, hearing: Hearing): void;
  setDefaultUnderDub(level: number): void;
  dismiss(hint: Hint): void;
  addHint(hint: Hint): void;
  leave(): Promise<void>;
}
