/**
 * Plays everybody's voice: the original, lowered while a dub of it sounds, and the dub. A thin shell over the Web Audio API.
 * Who wants the dub alone hears nothing of the original between its words either, as long as a dub can be counted on.
 *
 * `dubTracks.ts` says what is heard and `duckingCurve.ts` how loud. One gain for each original; an analyser on each dub
 * tells whether it sounds, every 20 ms, so that a dub that stalls gives the original back.
 */
import { audible, DuckingCurve, type Ramp } from './duckingCurve';
import { DEFAULT_UNDER_DUB, isHeard, levelAtRest, levelUnderDub, type DubName, type Hearing, type Listening } from './dubTracks';
import { ORIGINAL } from './languages';

const POLL_MS = 20;

/** What is needed of LiveKit's `RemoteAudioTrack`. */
export interface PlayableTrack {
  attach(): HTMLMediaElement;
  detach(): HTMLMediaElement[];
  setWebAudioPlugins(nodes: AudioNode[]): void;
}

/** Under which name somebody's sound is played. That of a shared screen is not speech: no dub ever lowers it. */
export function playedAs(identity: string, { isSpeech }: { isSpeech: boolean }): string {
  return isSpeech ? identity : `${identity} screen`;
}

interface Original {
  track: PlayableTrack;
  gain: GainNode;
}

interface Dub extends DubName {
  track: PlayableTrack;
  gain: GainNode;
  analyser: AnalyserNode;
  samples: Float32Array<ArrayBuffer>;
}

export class AudioMix {
  private readonly originals = new Map<string, Original[]>();
  private readonly dubs = new Map<string, Dub>();
  private readonly curves = new Map<string, DuckingCurve>();
  private readonly hearings = new Map<string, Hearing>();
  private readonly timer: ReturnType<typeof setInterval>;
  private sounding: ReadonlySet<string> = new Set();
  private voiced: ReadonlySet<string> = new Set();
  private listening: Listening = { listens: ORIGINAL, voice: 'natural' };
  private defaultUnderDub = DEFAULT_UNDER_DUB;

  /** `onSounding` is told whose dubs sound, whenever that changes. */
  constructor(
    private readonly context: AudioContext,
    private readonly onSounding: (speakers: ReadonlySet<string>) => void,
  ) {
    this.timer = setInterval(() => this.poll(), POLL_MS);
  }

  addOriginal(speaker: string, track: PlayableTrack): void {
    const gain = this.context.createGain();
    const curve = this.curveOf(speaker);
    const nowMs = this.nowMs();
    gain.gain.value = curve.gainAt(nowMs);
    followWith(gain, curve.leftAt(nowMs));
    track.setWebAudioPlugins([gain]);
    track.attach();
    this.originals.set(speaker, [...(this.originals.get(speaker) ?? []), { track, gain }]);
  }

  removeOriginal(speaker: string, track: PlayableTrack): void {
    track.detach().forEach((element) => element.remove());
    const left = (this.originals.get(speaker) ?? []).filter((original) => original.track !== track);
    if (left.length > 0) this.originals.set(speaker, left);
    else this.originals.delete(speaker);
  }

  addDub(name: DubName, track: PlayableTrack): void {
    this.removeDub(name);
    const gain = this.context.createGain();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    track.setWebAudioPlugins([analyser, gain]);
    track.attach();
    this.dubs.set(keyOf(name), { ...name, track, gain, analyser, samples: new Float32Array(analyser.fftSize) });
    this.applyChoices(name.speaker);
  }

  removeDub(name: DubName, track?: PlayableTrack): void {
    const dub = this.dubs.get(keyOf(name));
    if (!dub || (track && dub.track !== track)) return;
    dub.track.detach().forEach((element) => element.remove());
    this.dubs.delete(keyOf(name));
    this.applyChoices(name.speaker);
  }

  setListening(listening: Listening): void {
    this.listening = listening;
    for (const speaker of this.speakers()) this.applyChoices(speaker);
  }

  /** Of whom a dub for this listener can be counted on now (`audience.ts`); of all others the original is needed. */
  setVoiced(voiced: ReadonlySet<string>): void {
    const changed = [...this.voiced, ...voiced].filter((speaker) => this.voiced.has(speaker) !== voiced.has(speaker));
    this.voiced = voiced;
    for (const speaker of changed) this.applyChoices(speaker);
  }

  setHearing(speaker: string, hearing: Hearing): void {
    this.hearings.set(speaker, hearing);
    this.applyChoices(speaker);
  }

  setDefaultUnderDub(underDub: number): void {
    this.defaultUnderDub = underDub;
    for (const speaker of this.speakers()) this.applyChoices(speaker);
  }

  /** What was chosen for single speakers, by identity. */
  get chosen(): ReadonlyMap<string, Hearing> {
    return this.hearings;
  }

  hearingOf(speaker: string): Hearing {
    return this.hearings.get(speaker) ?? { mode: 'both', underDub: this.defaultUnderDub };
  }

  close(): void {
    clearInterval(this.timer);
    for (const dub of this.dubs.values()) dub.track.detach();
    for (const original of [...this.originals.values()].flat()) original.track.detach();
    this.dubs.clear();
    this.originals.clear();
  }

  private poll(): void {
    const nowMs = this.nowMs();
    for (const speaker of new Set([...this.dubs.values()].map((dub) => dub.speaker))) {
      const heard = [...this.dubs.values()].filter((dub) => dub.speaker === speaker && this.isHeard(dub));
      const rms = Math.max(0, ...heard.map(loudness));
      this.follow(speaker, this.curveOf(speaker).hear(rms, nowMs));
    }
    const sounding = new Set([...this.curves].filter(([, curve]) => curve.sounding).map(([speaker]) => speaker));
    if (sounding.size !== this.sounding.size || [...sounding].some((speaker) => !this.sounding.has(speaker))) {
      this.sounding = sounding;
      this.onSounding(sounding);
    }
  }

  private applyChoices(speaker: string): void {
    const nowMs = this.nowMs();
    const curve = this.curveOf(speaker);
    this.follow(speaker, curve.setUnderDub(levelUnderDub(this.hearingOf(speaker)), nowMs));
    this.follow(speaker, curve.setAtRest(this.atRestOf(speaker), nowMs));
    const dubs = [...this.dubs.values()].filter((dub) => dub.speaker === speaker);
    for (const dub of dubs) dub.gain.gain.setTargetAtTime(this.isHeard(dub) ? 1 : 0, this.context.currentTime, 0.02);
    if (!dubs.some((dub) => this.isHeard(dub))) this.follow(speaker, curve.release(nowMs));
  }

  private follow(speaker: string, ramp: Ramp | null): void {
    for (const { gain } of this.originals.get(speaker) ?? []) followWith(gain, ramp);
  }

  private isHeard(dub: Dub): boolean {
    return isHeard(dub, this.listening, this.hearingOf(dub.speaker));
  }

  private curveOf(speaker: string): DuckingCurve {
    let curve = this.curves.get(speaker);
    if (!curve) {
      curve = new DuckingCurve(levelUnderDub(this.hearingOf(speaker)), this.atRestOf(speaker));
      this.curves.set(speaker, curve);
    }
    return curve;
  }

  private atRestOf(speaker: string): number {
    return levelAtRest(this.hearingOf(speaker), { voiced: this.voiced.has(speaker) });
  }

  private speakers(): Set<string> {
    return new Set([...this.curves.keys(), ...[...this.dubs.values()].map((dub) => dub.speaker)]);
  }

  /** The audio clock, so that ramps begin where they are computed. */
  private nowMs(): number {
    return this.context.currentTime * 1_000;
  }
}

function followWith({ gain }: GainNode, ramp: Ramp | null): void {
  if (!ramp) return;
  gain.cancelScheduledValues(0);
  gain.setValueAtTime(audible(ramp.from), ramp.startMs / 1_000);
  gain.exponentialRampToValueAtTime(audible(ramp.to), ramp.endMs / 1_000);
}

function keyOf(name: DubName): string {
  return `${name.speaker}:${name.language}:${name.voice}`;
}

/** Root mean square of what sounds at this moment, about 20 ms of it. */
function loudness(dub: Dub): number {
  dub.analyser.getFloatTimeDomainData(dub.samples);
  let squares = 0;
  for (const sample of dub.samples) squares += sample * sample;
  return Math.sqrt(squares / dub.samples.length);
}
