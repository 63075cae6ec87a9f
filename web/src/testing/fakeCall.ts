/** A call without a network: the state is what a test or the demo puts. Beside `call/liveKitCall.ts`. */
import { Room } from 'livekit-client';

import type { CallSession, CallState, Hint, Person } from '../call/callState';
import type { Caption } from '../call/caption';
import { CaptionFeed } from '../call/captionFeed';
import { DEFAULT_UNDER_DUB, type Hearing, type Listening } from '../call/dubTracks';
import { Listeners } from '../call/listeners';

export function personWith(changes: Partial<Person> & Pick<Person, 'identity' | 'name'>): Person {
  return {
    isLocal: false,
    speaks: 'en',
    reads: 'en',
    listens: 'original',
    consents: true,
    transcribed: true,
    isCohost: false,
    microphoneOn: true,
    cameraOn: false,
    video: null,
    videoPaused: false,
    screen: null,
    speaking: false,
    dubSounding: false,
    weakConnection: false,
    colour: 0,
    ...changes,
  };
}

export function captionWith(changes: Partial<Caption> & Pick<Caption, 'text'>): Caption {
  return {
    segment: `1.${changes.text.slice(0, 12)}`,
    speaker: 'p-an',
    language: 'en',
    sourceLanguage: 'vi',
    final: false,
    seq: 0,
    epoch: 1,
    committedChars: 0,
    lagMs: null,
    untranslated: false,
    original: null,
    gap: false,
    missedSeq: null,
    startS: null,
    endS: null,
    ...changes,
  };
}

export class FakeCall implements CallSession {
  readonly room = new Room();
  readonly captions: CaptionFeed;
  readonly beganAtMs = 0;
  /** What was asked of it, as `microphone on`. */
  readonly asked: string[] = [];
  private readonly listeners = new Listeners();
  private readonly hearings = new Map<string, Hearing>();
  private underDub = DEFAULT_UNDER_DUB;
  private state: CallState;

  constructor(state: Partial<CallState>, { now = () => performance.now(), reads = 'en' } = {}) {
    this.captions = new CaptionFeed({ reads, now, onMissed: () => undefined, onFinal: () => undefined });
    const people = state.people ?? [];
    this.state = {
      phase: 'connected',
      end: null,
      people,
      interpreterPresent: true,
      notices: [],
      decided: null,
      endsAtMs: null,
      activeSpeaker: null,
      hints: [],
      unvoiced: new Set(),
      known: new Map(people.map(({ identity, name, colour }) => [identity, { name, colour }])),
      ...state,
    };
  }

  readonly subscribe = (listener: () => void) => this.listeners.add(listener);
  readonly getState = () => this.state;

  put(change: Partial<CallState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.tell();
  }

  setMicrophone(on: boolean): Promise<void> {
    this.asked.push(`microphone ${on ? 'on' : 'off'}`);
    this.putMe({ microphoneOn: on });
    return Promise.resolve();
  }

  setCamera(on: boolean): Promise<void> {
    this.asked.push(`camera ${on ? 'on' : 'off'}`);
    this.putMe({ cameraOn: on });
    return Promise.resolve();
  }

  setScreenShare(on: boolean): Promise<void> {
    this.asked.push(`share ${on ? 'on' : 'off'}`);
    return Promise.resolve();
  }

  setLanguages({ reads, listens, voice }: Listening & { reads: string | null }): void {
    this.asked.push(`reads ${reads ?? 'nothing'}, hears ${listens}${voice === 'natural' ? '' : ` in a ${voice} voice`}`);
    this.captions.setReads(reads);
  }

  languageCounts(): void {
    this.asked.push('language counts');
  }

  setShowOriginals(): void {
    // Nothing to fetch here.
  }

  hearingOf(identity: string): Hearing {
    return this.hearings.get(identity) ?? { mode: 'both', underDub: this.underDub };
  }

  setHearing(identity: string, hearing: Hearing): void {
    this.hearings.set(identity, hearing);
    this.put({});
  }

  setDefaultUnderDub(level: number): void {
    this.underDub = level;
  }

  dismiss(hint: Hint): void {
    this.put({ hints: this.state.hints.filter((shown) => shown !== hint) });
  }

  addHint(hint: Hint): void {
    this.put({ hints: [...this.state.hints, hint] });
  }

  leave(): Promise<void> {
    this.captions.close();
    this.put({ phase: 'ended', end: 'left' });
    return Promise.resolve();
  }

  private putMe(change: Partial<Person>): void {
    this.put({ people: this.state.people.map((person) => (person.isLocal ? { ...person, ...change } : person)) });
  }
}
