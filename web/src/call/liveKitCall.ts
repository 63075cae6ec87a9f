/**
 * A call over LiveKit: connects, publishes, hears, and keeps `CallState` and the captions up to date.
 *
 * The shell around everything that decides: `rejoining.ts`, `weakLink.ts`, `captionFeed.ts`, `audioMix.ts`. It believes
 * captions, dubs and notices of the server-issued interpreter alone (`isInterpreter`).
 */
import {
  AudioPresets,
  ConnectionQuality,
  Room,
  RoomEvent,
  Track,
  VideoPresets,
  type DisconnectReason,
  type LocalParticipant,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type TextStreamReader,
  type TrackPublication,
} from 'livekit-client';

import { AudioMix } from './audioMix';
import type { CallSession, CallState, EndReason, Hint, Person } from './callState';
import { CAPTION_TOPIC, isInterpreter, parseCaption, type Caption } from './caption';
import { CaptionFeed } from './captionFeed';
import { deviceProblem } from './devices';
import { parseDubName, type Hearing } from './dubTracks';
import type { LanguageCode } from './languages';
import { Listeners } from './listeners';
import { parseNotices } from './notices';
import { Colours, readPerson } from './people';
import { endOf, endOfRefusal, waitBefore } from './rejoining';
import { parseUnvoiced, UNVOICED_TOPIC } from './unvoiced';
import { WeakLink } from './weakLink';

/** What opens LiveKit's room. */
export interface CallTicket {
  identity: string;
  token: string;
  serverPath: string;
}

export interface CallOptions {
  ticket: CallTicket;
  /** Ask to be let in again; raises an error with a `code` if that is refused. */
  renew: () => Promise<CallTicket>;
  /** Fetch the finals of a language after a number, all there are. */
  fetchCaptions: (language: LanguageCode, afterSeq: number) => Promise<Caption[]>;
  reads: LanguageCode | null;
  listens: LanguageCode;
  microphoneOn: boolean;
  cameraOn: boolean;
  microphoneId: string | null;
  cameraId: string | null;
  speakerId: string | null;
  underDub: number;
  /** Fetch the speaker's own words too. */
  showOriginals: boolean;
}

const MAX_HINTS = 4;
const MAX_UNVOICED = 500;
const ORIGINALS_AFTER_MS = 400;
const WATCH_EVERY_MS = 1_000;

const NOBODY: CallState = {
  phase: 'connecting',
  end: null,
  people: [],
  interpreterPresent: false,
  notices: [],
  activeSpeaker: null,
  hints: [],
  unvoiced: new Set(),
  known: new Map(),
};

export class LiveKitCall implements CallSession {
  readonly captions: CaptionFeed;
  /** For the hooks of `@livekit/components-react`: devices, and starting sound after a refusal. */
  readonly room: Room;
  readonly beganAtMs = performance.now();
  private readonly context = new AudioContext();
  private readonly mix: AudioMix;
  private readonly listeners = new Listeners();
  private readonly colours = new Colours();
  private readonly weakLink = new WeakLink();
  private readonly watchTimer: ReturnType<typeof setInterval>;
  private state: CallState = NOBODY;
  private sounding: ReadonlySet<string> = new Set();
  private stateIsOld = false;
  private reads: LanguageCode | null;
  private wantsMicrophone: boolean;
  private wantsCamera: boolean;
  private cameraPausedByUs = false;
  private wantsOriginals: boolean;
  private readonly originalsKnown = new Map<LanguageCode, number>();
  private readonly originalsWanted = new Set<LanguageCode>();
  private originalsTimer: ReturnType<typeof setTimeout> | null = null;
  private seqAtLoss = 0;

  constructor(private readonly options: CallOptions) {
    this.reads = options.reads;
    this.wantsMicrophone = options.microphoneOn;
    this.wantsCamera = options.cameraOn;
    this.wantsOriginals = options.showOriginals;
    this.captions = new CaptionFeed({
      reads: options.reads,
      now: () => performance.now(),
      onMissed: (afterSeq) => void this.fetchMissed(afterSeq),
      onFinal: (caption) => this.wantOriginalOf(caption),
    });
    this.room = new Room({
      adaptiveStream: true,
      dynacast: true,
      webAudioMix: { audioContext: this.context },
      ...(options.speakerId ? { audioOutput: { deviceId: options.speakerId } } : {}),
      audioCaptureDefaults: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(options.microphoneId ? { deviceId: options.microphoneId } : {}),
      },
      videoCaptureDefaults: {
        resolution: VideoPresets.h720.resolution,
        ...(options.cameraId ? { deviceId: options.cameraId } : {}),
      },
      publishDefaults: {
        audioPreset: { ...AudioPresets.speech, priority: 'high' },
        videoEncoding: { ...VideoPresets.h720.encoding, maxFramerate: 30, priority: 'low' },
        simulcast: true,
        dtx: true,
        red: true,
      },
    });
    this.mix = new AudioMix(this.context, (speakers) => {
      this.sounding = speakers;
      this.changed();
    });
    this.mix.setListens(options.listens);
    this.mix.setDefaultUnderDub(options.underDub);
    this.listenToRoom();
    this.watchTimer = setInterval(() => this.watch(), WATCH_EVERY_MS);
  }

  /** Connect, and publish what was chosen in the lobby. Failures show in the state. */
  async start(): Promise<void> {
    try {
      await this.connect(this.options.ticket);
    } catch {
      await this.comeBack();
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);

  readonly getState = (): CallState => this.state;

  async setMicrophone(on: boolean): Promise<void> {
    this.wantsMicrophone = on;
    this.dismiss('muted_by_host');
    await this.trySwitching('microphone', () => this.room.localParticipant.setMicrophoneEnabled(on));
  }

  async setCamera(on: boolean): Promise<void> {
    this.wantsCamera = on;
    this.cameraPausedByUs = false;
    this.weakLink.reset(performance.now());
    this.dismiss('camera_paused');
    await this.trySwitching('camera', () => this.room.localParticipant.setCameraEnabled(on));
  }

  async setScreenShare(on: boolean): Promise<void> {
    try {
      await this.room.localParticipant.setScreenShareEnabled(on, { audio: true });
    } catch (error) {
      // Closing the browser's picker is a choice, not a failure.
      if (!(error instanceof DOMException && error.name === 'NotAllowedError')) this.addHint('share_failed');
    }
    this.changed();
  }

  setLanguages({ reads, listens }: { reads: LanguageCode | null; listens: LanguageCode }): void {
    this.mix.setListens(listens);
    if (reads === this.reads) return;
    this.reads = reads;
    this.captions.setReads(reads);
    void this.fetchMissed(this.captions.lastSeq);
  }

  setShowOriginals(on: boolean): void {
    this.wantsOriginals = on;
  }

  hearingOf(identity: string): Hearing {
    return this.mix.hearingOf(identity);
  }

  setHearing(identity: string, hearing: Hearing): void {
    this.mix.setHearing(identity, hearing);
    this.changed();
  }

  setDefaultUnderDub(level: number): void {
    this.mix.setDefaultUnderDub(level);
    this.changed();
  }

  dismiss(hint: Hint): void {
    this.put({ hints: this.state.hints.filter((shown) => shown !== hint) });
  }

  addHint(hint: Hint): void {
    this.put({ hints: [...this.state.hints.filter((shown) => shown !== hint), hint].slice(-MAX_HINTS) });
  }

  async leave(): Promise<void> {
    this.finish('left');
    await this.room.disconnect();
  }

  private async connect(ticket: CallTicket): Promise<void> {
    await this.room.connect(socketUrl(window.location, ticket.serverPath), ticket.token, { autoSubscribe: true });
    this.put({ phase: 'connected' });
    void this.fetchMissed(this.seqAtLoss);
    await Promise.all([
      this.wantsMicrophone && this.setMicrophone(true),
      this.wantsCamera && !this.cameraPausedByUs && this.setCamera(true),
    ]);
  }

  /** Try to be let in again, until it works, is refused for good, or has taken too long. */
  private async comeBack(): Promise<void> {
    const lostAtMs = performance.now();
    this.put({ phase: 'reconnecting' });
    for (let attempt = 0; this.state.end === null; attempt += 1) {
      const waitMs = waitBefore(attempt, performance.now() - lostAtMs);
      if (waitMs === null) return this.finish('lost');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (this.state.end !== null) return;
      try {
        return await this.connect(await this.options.renew());
      } catch (error) {
        const end = endOfRefusal(error instanceof Error && 'code' in error ? String(error.code) : '');
        if (end) return this.finish(end);
      }
    }
  }

  private listenToRoom(): void {
    const changed = () => this.changed();
    this.room
      .on(RoomEvent.ParticipantConnected, changed)
      .on(RoomEvent.ParticipantDisconnected, changed)
      .on(RoomEvent.ParticipantNameChanged, changed)
      .on(RoomEvent.ParticipantAttributesChanged, changed)
      .on(RoomEvent.TrackPublished, changed)
      .on(RoomEvent.TrackUnpublished, changed)
      .on(RoomEvent.LocalTrackPublished, changed)
      .on(RoomEvent.LocalTrackUnpublished, changed)
      .on(RoomEvent.TrackUnmuted, changed)
      .on(RoomEvent.TrackStreamStateChanged, changed)
      .on(RoomEvent.ActiveSpeakersChanged, changed)
      .on(RoomEvent.Connected, changed)
      .on(RoomEvent.TrackMuted, (publication, participant) => this.onMuted(publication, participant))
      .on(RoomEvent.ConnectionQualityChanged, (quality, participant) => this.onQuality(quality, participant))
      .on(RoomEvent.TrackSubscribed, (...heard) => this.onTrack(...heard, true))
      .on(RoomEvent.TrackUnsubscribed, (...heard) => this.onTrack(...heard, false))
      .on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => this.onData(payload, participant, topic))
      .on(RoomEvent.SignalReconnecting, () => this.onLoss())
      .on(RoomEvent.Reconnecting, () => this.onLoss())
      .on(RoomEvent.Reconnected, () => this.onReturn())
      .on(RoomEvent.Disconnected, (reason) => this.onDisconnected(reason));
    this.room.registerTextStreamHandler(CAPTION_TOPIC, (reader, { identity }) => {
      void this.onText(reader, identity);
    });
  }

  private async onText(reader: TextStreamReader, identity: string): Promise<void> {
    const sender = this.room.remoteParticipants.get(identity);
    if (!sender || !isInterpreter(sender)) return;
    const order = this.captions.nextOrder();
    try {
      const text = await reader.readAll();
      const caption = parseCaption(text, reader.info.attributes ?? {});
      if (caption) this.captions.receive(caption, order);
    } catch {
      // Cut off with its sender: what was final comes by HTTP.
    }
  }

  private onData(payload: Uint8Array, participant: RemoteParticipant | undefined, topic: string | undefined): void {
    if (topic !== UNVOICED_TOPIC || !participant || !isInterpreter(participant)) return;
    const segment = parseUnvoiced(payload);
    if (segment) this.put({ unvoiced: new Set([...this.state.unvoiced, segment].slice(-MAX_UNVOICED)) });
  }

  private onTrack(
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    participant: RemoteParticipant,
    subscribed: boolean,
  ): void {
    if (track.kind === Track.Kind.Audio) {
      const playable = track as Extract<RemoteTrack, { kind: Track.Kind.Audio }>;
      if (participant.isAgent) {
        const name = isInterpreter(participant) ? parseDubName(publication.trackName) : null;
        if (name && name.speaker !== this.room.localParticipant.identity) {
          if (subscribed) this.mix.addDub(name, playable);
          else this.mix.removeDub(name, playable);
        }
      } else {
        // The sound of a shared screen is not speech: no dub ever lowers it.
        const speaker = publication.source === Track.Source.Microphone ? participant.identity : `${participant.identity} screen`;
        if (subscribed) this.mix.addOriginal(speaker, playable);
        else this.mix.removeOriginal(speaker, playable);
      }
    }
    this.changed();
  }

  private onMuted(publication: TrackPublication, participant: Participant): void {
    if (participant.isLocal && publication.source === Track.Source.Microphone && this.wantsMicrophone) {
      this.wantsMicrophone = false;
      this.addHint('muted_by_host');
    }
    this.changed();
  }

  private onQuality(quality: ConnectionQuality, participant: Participant): void {
    if (participant.isLocal && quality !== ConnectionQuality.Unknown) {
      const weak = { [ConnectionQuality.Poor]: 'poor', [ConnectionQuality.Lost]: 'lost' } as const;
      this.weakLink.observe(quality in weak ? weak[quality as keyof typeof weak] : 'good', performance.now());
    }
    this.changed();
  }

  private onLoss(): void {
    if (this.state.phase === 'connected') this.seqAtLoss = this.captions.lastSeq;
    if (this.state.end === null) this.put({ phase: 'reconnecting' });
  }

  private onReturn(): void {
    if (this.state.end !== null) return;
    this.put({ phase: 'connected' });
    void this.fetchMissed(this.seqAtLoss);
    this.changed();
  }

  private onDisconnected(reason: DisconnectReason | undefined): void {
    if (this.state.end !== null || this.state.phase === 'connecting') return;
    const end = endOf(reason);
    this.onLoss();
    if (end) this.finish(end);
    else void this.comeBack();
  }

  private async fetchMissed(afterSeq: number): Promise<void> {
    if (this.reads === null) return;
    await this.fetchInto(this.reads, afterSeq);
  }

  private async fetchInto(language: LanguageCode, afterSeq: number): Promise<number> {
    try {
      const captions = await this.options.fetchCaptions(language, afterSeq);
      this.captions.addHistory(captions);
      return captions.at(-1)?.seq ?? afterSeq;
    } catch {
      // The history has a hole for now; the next loss or change asks again.
      return afterSeq;
    }
  }

  /** Captions come in this reader's language alone: the speaker's own words are asked for when they are final. */
  private wantOriginalOf(caption: Caption): void {
    if (!this.wantsOriginals || caption.sourceLanguage === caption.language) return;
    this.originalsWanted.add(caption.sourceLanguage);
    this.originalsTimer ??= setTimeout(() => {
      this.originalsTimer = null;
      for (const language of this.originalsWanted) {
        const known = this.originalsKnown.get(language) ?? Math.max(0, caption.seq - 20);
        void this.fetchInto(language, known).then((seq) => this.originalsKnown.set(language, seq));
      }
      this.originalsWanted.clear();
    }, ORIGINALS_AFTER_MS);
  }

  private watch(): void {
    const todo = this.weakLink.decide(performance.now());
    if (todo === 'pause' && this.room.localParticipant.isCameraEnabled) {
      this.cameraPausedByUs = true;
      this.addHint('camera_paused');
      void this.trySwitching('camera', () => this.room.localParticipant.setCameraEnabled(false));
    } else if (todo === 'resume' && this.cameraPausedByUs) {
      void this.setCamera(true);
    }
  }

  private async trySwitching(device: 'microphone' | 'camera', switchIt: () => Promise<unknown>): Promise<void> {
    try {
      await switchIt();
    } catch (error) {
      this.addHint(`${device}_${deviceProblem(error)}`);
    }
    this.changed();
  }

  private finish(end: EndReason): void {
    if (this.state.end !== null) return;
    this.put({ phase: 'ended', end });
    clearInterval(this.watchTimer);
    if (this.originalsTimer) clearTimeout(this.originalsTimer);
    this.captions.close();
    this.mix.close();
    void this.context.close();
    if (end !== 'left') void this.room.disconnect();
  }

  /** Read the room anew, once for everything that happens in one go. */
  private changed(): void {
    if (this.stateIsOld) return;
    this.stateIsOld = true;
    queueMicrotask(() => {
      this.stateIsOld = false;
      if (this.state.end === null) this.readRoom();
    });
  }

  private readRoom(): void {
    const remote = [...this.room.remoteParticipants.values()];
    const interpreters = remote.filter(isInterpreter);
    for (const { attributes } of interpreters) this.captions.startEpoch(Number(attributes['dragoman.epoch']) || 0);
    const people: (LocalParticipant | RemoteParticipant)[] = [
      this.room.localParticipant,
      ...remote
        .filter((participant) => !participant.isAgent)
        .sort((a, b) => (a.joinedAt?.getTime() ?? 0) - (b.joinedAt?.getTime() ?? 0)),
    ];
    const speaker = this.room.activeSpeakers.find((participant) => !participant.isLocal && !participant.isAgent);
    const read = people.map((participant) =>
      readPerson(participant, {
        colour: this.colours.of(participant.identity),
        dubSounding: this.sounding.has(participant.identity),
      }),
    );
    this.put({
      people: read,
      known: remember(this.state.known, read),
      interpreterPresent: interpreters.length > 0,
      notices: interpreters.flatMap((interpreter) => parseNotices(interpreter.attributes['dragoman.notices'])),
      activeSpeaker: speaker?.identity ?? this.state.activeSpeaker,
    });
  }

  private put(change: Partial<CallState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.tell();
  }
}

/** Add who is new or has another name; the same map if nobody is. */
function remember(known: CallState['known'], people: readonly Person[]): CallState['known'] {
  if (people.every(({ identity, name }) => known.get(identity)?.name === name)) return known;
  return new Map([...known, ...people.map(({ identity, name, colour }) => [identity, { name, colour }] as const)]);
}

/** The address of LiveKit's signalling on this page's own origin. */
export function socketUrl(location: { protocol: string; host: string }, serverPath: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}${serverPath.replace(/\/$/, '')}`;
}
