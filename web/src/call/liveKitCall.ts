/**
 * A call over LiveKit: connects, publishes, hears, and keeps `CallState` and the captions up to date.
 *
 * The shell around everything that decides: `rejoining.ts`, `weakLink.ts`, `captionFeed.ts`, `audioMix.ts`. It believes
 * captions, dubs and notices of the server-issued interpreter alone (`isInterpreter`).
 */
import {
  ConnectionQuality,
  Room,
  RoomEvent,
  Track,
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
import type { CallSession, CallState, EndReason, Hint } from './callState';
import { CAPTION_TOPIC, isInterpreter, parseCaption } from './caption';
import { CaptionFeed } from './captionFeed';
import { deviceProblem } from './devices';
import { MissedCaptions, type FetchCaptions } from './missedCaptions';
import { parseDubName, type Hearing } from './dubTracks';
import type { LanguageCode } from './languages';
import { Listeners } from './listeners';
import { parseNotices } from './notices';
import { Colours, readPerson, remember } from './people';
import { roomOptions, socketUrl } from './roomOptions';
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
  fetchCaptions: FetchCaptions;
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
  private readonly missed: MissedCaptions;
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
      onFinal: (caption) => {
        if (this.wantsOriginals) this.missed.wantOriginalOf(caption);
      },
    });
    this.missed = new MissedCaptions(options.fetchCaptions, (captions) => this.captions.addHistory(captions));
    this.room = new Room(roomOptions(options, this.context));
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
    for (let attempt = 0; !this.isOver(); attempt += 1) {
      const waitMs = waitBefore(attempt, performance.now() - lostAtMs);
      if (waitMs === null) {
        this.finish('lost');
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (this.isOver()) return;
      try {
        await this.connect(await this.options.renew());
        return;
      } catch (error) {
        const end = endOfRefusal(error instanceof Error && 'code' in error ? String(error.code) : '');
        if (end) this.finish(end);
      }
    }
  }

  private isOver(): boolean {
    return this.state.end !== null;
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
    if (!this.isOver()) this.put({ phase: 'reconnecting' });
  }

  private onReturn(): void {
    if (this.isOver()) return;
    this.put({ phase: 'connected' });
    void this.fetchMissed(this.seqAtLoss);
    this.changed();
  }

  private onDisconnected(reason: DisconnectReason | undefined): void {
    if (this.isOver() || this.state.phase === 'connecting') return;
    const end = endOf(reason);
    this.onLoss();
    if (end) this.finish(end);
    else void this.comeBack();
  }

  private async fetchMissed(afterSeq: number): Promise<void> {
    if (this.reads !== null) await this.missed.fetch(this.reads, afterSeq);
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
    if (this.isOver()) return;
    this.put({ phase: 'ended', end });
    clearInterval(this.watchTimer);
    this.missed.close();
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
      if (!this.isOver()) this.readRoom();
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
