/**
 * A call over LiveKit: listens to its room, and hands what happens to the parts that know what to do with it.
 *
 * `comingBack.ts` connects, `ownDevices.ts` publishes, `interpretation.ts` takes captions and dubs, `audioMix.ts` plays,
 * `roomReading.ts` says who is there; `callStore.ts` holds what the page is told.
 */
import {
  ConnectionQuality,
  ConnectionState,
  LogLevel,
  RemoteAudioTrack,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
  type DisconnectReason,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type TrackPublication,
} from 'livekit-client';

import type { Direction } from '../api/types';
import { voicedFor } from './audience';
import { AudioMix, playedAs } from './audioMix';
import type { CallSession, CallState, EndReason, Hint } from './callState';
import { CallStore } from './callStore';
import { CAPTION_TOPIC } from './caption';
import { CaptionFeed } from './captionFeed';
import { ComingBack, type CallTicket } from './comingBack';
import type { Hearing, Listening } from './dubTracks';
import { Interpretation } from './interpretation';
import type { LanguageCode } from './languages';
import type { VoiceWish } from './voices';
import { MediaReach } from './mediaReach';
import { MissedCaptions, type FetchCaptions } from './missedCaptions';
import { OwnDevices } from './ownDevices';
import { endInTime, ServerClock } from './plannedEnd';
import { endOf } from './rejoining';
import { roomOptions, socketUrl } from './roomOptions';
import { RoomReading, withoutMedia } from './roomReading';

export interface CallOptions {
  ticket: CallTicket;
  /** Ask to be let in again, until `over` is aborted; raises an error with a `code` if that is refused. */
  renew: (over: AbortSignal) => Promise<CallTicket>;
  fetchCaptions: FetchCaptions;
  reads: LanguageCode | null;
  listens: LanguageCode;
  voice: VoiceWish;
  microphoneOn: boolean;
  cameraOn: boolean;
  microphoneId: string | null;
  cameraId: string | null;
  speakerId: string | null;
  underDub: number;
  /** What is heard of single speakers, by identity, as chosen before this page was loaded again. */
  hearings: ReadonlyMap<string, Hearing>;
  onHearings: (hearings: ReadonlyMap<string, Hearing>) => void;
  /** What the server interprets. */
  directions: readonly Direction[];
  /** Fetch the speaker's own words too. */
  showOriginals: boolean;
  /** Who was here before this page was loaded again: captions of people who left keep their names. */
  known: CallState['known'];
  onKnown: (known: CallState['known']) => void;
}

const MAX_UNVOICED = 500;
const WATCH_EVERY_MS = 1_000;
const UNKNOWING = [ConnectionState.Disconnected, ConnectionState.Connecting];
const now = () => performance.now();

export class LiveKitCall implements CallSession {
  readonly captions: CaptionFeed;
  /** For the hooks of `@livekit/components-react`: devices, and starting sound after a refusal. */
  readonly room: Room;
  readonly beganAtMs = now();
  private readonly context = new AudioContext();
  private readonly store: CallStore;
  private readonly mix: AudioMix;
  private readonly devices: OwnDevices;
  private readonly comingBack: ComingBack;
  private readonly interpretation: Interpretation;
  private readonly missed: MissedCaptions;
  private readonly reading: RoomReading;
  private readonly reach = new MediaReach();
  private readonly serverClock = new ServerClock();
  private readonly over = new AbortController();
  private readonly watchTimer: ReturnType<typeof setInterval>;
  private sounding: ReadonlySet<string> = new Set();
  private stateIsOld = false;
  private reads: LanguageCode | null;
  private listens: LanguageCode;
  private wantsOriginals: boolean;
  private seqAtLoss = 0;

  constructor(private readonly options: CallOptions) {
    // What LiveKit tells of its own work fills the console of everybody who looks there for what went wrong.
    setLogLevel(LogLevel.warn);
    this.store = new CallStore(options.known);
    this.reading = new RoomReading(options.known, this.serverClock);
    this.reads = options.reads;
    this.listens = options.listens;
    this.wantsOriginals = options.showOriginals;
    this.captions = new CaptionFeed({
      reads: options.reads,
      now,
      onMissed: (afterSeq) => this.catchUp(afterSeq),
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
    this.mix.setListening(options);
    this.mix.setDefaultUnderDub(options.underDub);
    for (const [speaker, hearing] of options.hearings) this.mix.setHearing(speaker, hearing);
    this.devices = new OwnDevices({
      publisher: this.room.localParticipant,
      store: this.store,
      microphoneOn: options.microphoneOn,
      cameraOn: options.cameraOn,
      onChanged: () => this.changed(),
      now,
    });
    this.interpretation = new Interpretation(this.captions, this.mix, (segment) => this.addUnvoiced(segment));
    this.comingBack = new ComingBack({
      connect: (ticket) => this.connect(ticket),
      disconnect: () => this.room.disconnect(),
      renew: () => options.renew(this.over.signal),
      onConnected: () => this.onConnected(),
      // Who has never been in the call is not coming back to it.
      onTrying: () => this.store.get().phase === 'connecting' || this.store.put({ phase: 'reconnecting' }),
      onEnd: (end) => this.finish(end),
      isOver: () => this.store.isOver,
      now,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    this.listenToRoom();
    this.watchTimer = setInterval(() => this.watch(), WATCH_EVERY_MS);
  }

  /** Connect, and publish what was chosen in the lobby. Failures show in the state. */
  start(): Promise<void> {
    return this.comingBack.run(this.options.ticket);
  }

  readonly subscribe = (listener: () => void): (() => void) => this.store.subscribe(listener);

  readonly getState = (): CallState => this.store.get();

  setMicrophone(on: boolean): Promise<void> {
    return this.devices.setMicrophone(on);
  }

  setCamera(on: boolean): Promise<void> {
    return this.devices.setCamera(on);
  }

  setScreenShare(on: boolean): Promise<void> {
    return this.devices.setScreenShare(on);
  }

  setLanguages({ reads, ...listening }: Listening & { reads: LanguageCode | null }): void {
    this.mix.setListening(listening);
    this.listens = listening.listens;
    this.changed();
    if (reads === this.reads) return;
    this.reads = reads;
    this.captions.setReads(reads);
    this.catchUp(this.captions.lastSeq);
  }

  languageCounts(): void {
    this.catchUp(this.captions.lastSeq);
  }

  setShowOriginals(on: boolean): void {
    this.wantsOriginals = on;
  }

  hearingOf(identity: string): Hearing {
    return this.mix.hearingOf(identity);
  }

  setHearing(identity: string, hearing: Hearing): void {
    this.mix.setHearing(identity, hearing);
    this.options.onHearings(this.mix.chosen);
    this.changed();
  }

  setDefaultUnderDub(level: number): void {
    this.mix.setDefaultUnderDub(level);
    this.changed();
  }

  dismiss(hint: Hint): void {
    this.store.dismiss(hint);
  }

  addHint(hint: Hint): void {
    this.store.addHint(hint);
  }

  async leave(): Promise<void> {
    this.finish('left');
    await this.room.disconnect();
  }

  private async connect(ticket: CallTicket): Promise<void> {
    this.reach.begin();
    try {
      await this.room.connect(socketUrl(window.location, ticket.serverPath), ticket.token, { autoSubscribe: true });
    } catch (error) {
      this.reach.failed();
      throw error;
    }
  }

  private watch(): void {
    if (this.reach.shouldTell(now())) this.store.addHint('no_media');
    void this.devices.watch();
  }

  private mediaFlow(): void {
    this.reach.connected();
    this.store.dismiss('no_media');
  }

  private onConnected(): void {
    this.mediaFlow();
    this.store.put({ phase: 'connected' });
    this.changed();
    this.catchUp(this.seqAtLoss);
    void this.devices.publish();
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
      .on(RoomEvent.RoomMetadataChanged, changed)
      .on(RoomEvent.TrackMuted, (publication, participant) => this.onMuted(publication, participant))
      .on(RoomEvent.ConnectionQualityChanged, (quality, participant) => this.onQuality(quality, participant))
      .on(RoomEvent.TrackSubscribed, (...heard) => this.onTrack(...heard, true))
      .on(RoomEvent.TrackUnsubscribed, (...heard) => this.onTrack(...heard, false))
      .on(RoomEvent.DataReceived, (payload, sender, _kind, topic) => this.interpretation.takeData(payload, sender, topic))
      .on(RoomEvent.SignalConnected, () => this.onSignal())
      .on(RoomEvent.SignalReconnecting, () => this.onLoss())
      .on(RoomEvent.Reconnecting, () => this.onLoss())
      .on(RoomEvent.Reconnected, () => this.onReturn())
      .on(RoomEvent.Disconnected, (reason) => this.onDisconnected(reason));
    this.room.registerTextStreamHandler(CAPTION_TOPIC, (reader, { identity }) => {
      void this.interpretation.takeText(reader, this.room.remoteParticipants.get(identity));
    });
  }

  private onSignal(): void {
    this.reach.signalled(now());
    const { joinedAt } = this.room.localParticipant;
    if (joinedAt) this.serverClock.set(joinedAt.getTime(), Date.now());
  }

  private onTrack(
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    participant: RemoteParticipant,
    subscribed: boolean,
  ): void {
    if (track instanceof RemoteAudioTrack) {
      if (participant.isAgent) {
        this.interpretation.takeTrack(track, publication.trackName, participant, subscribed, this.room.localParticipant.identity);
      } else {
        const speaker = playedAs(participant.identity, { isSpeech: publication.source === Track.Source.Microphone });
        if (subscribed) this.mix.addOriginal(speaker, track);
        else this.mix.removeOriginal(speaker, track);
      }
    }
    this.changed();
  }

  private onMuted(publication: TrackPublication, participant: Participant): void {
    if (participant.isLocal && publication.source === Track.Source.Microphone) {
      void this.devices.microphoneMuted(publication.track?.mediaStreamTrack.readyState ?? 'live');
    }
    if (participant.isLocal && publication.source === Track.Source.Camera) void this.devices.cameraMuted();
    this.changed();
  }

  private onQuality(quality: ConnectionQuality, participant: Participant): void {
    if (participant.isLocal && quality !== ConnectionQuality.Unknown) {
      const weak = quality === ConnectionQuality.Poor || quality === ConnectionQuality.Lost;
      this.devices.observeQuality(weak ? 'weak' : 'good');
    }
    this.changed();
  }

  private addUnvoiced(segment: string): void {
    this.store.put({ unvoiced: new Set([...this.store.get().unvoiced, segment].slice(-MAX_UNVOICED)) });
  }

  private onLoss(): void {
    if (this.store.get().phase === 'connected') {
      this.seqAtLoss = this.captions.lastSeq;
      // LiveKit may have let go of the track already; the page still knows it.
      this.devices.connectionLost({ sharing: this.store.get().people.some((it) => it.isLocal && it.screen !== null) });
    }
    if (!this.store.isOver) this.store.put({ phase: 'reconnecting' });
  }

  private onReturn(): void {
    if (this.store.isOver) return;
    this.mediaFlow();
    this.store.put({ phase: 'connected' });
    this.catchUp(this.seqAtLoss);
    this.changed();
  }

  private onDisconnected(reason: DisconnectReason | undefined): void {
    // A first connection that fails is tried again by whoever began it.
    if (this.store.isOver || this.store.get().phase === 'connecting') return;
    this.onLoss();
    this.store.put({ people: withoutMedia(this.store.get().people) });
    const end = endOf(reason);
    if (end) this.finish(end);
    else void this.comingBack.run(null);
  }

  private catchUp(afterSeq: number): void {
    if (this.reads !== null && !this.store.isOver) this.missed.catchUp(this.reads, afterSeq);
  }

  private finish(end: EndReason): void {
    if (!this.store.end(endInTime(end, this.store.get().endsAtMs, Date.now()))) return;
    this.over.abort();
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
      // A room without connection is empty: that nobody is there is not known.
      if (this.store.isOver || UNKNOWING.includes(this.room.state)) return;
      for (const epoch of this.reading.epochs(this.room)) this.captions.startEpoch(epoch);
      const before = this.store.get();
      this.store.put(this.reading.read(this.room, before, this.sounding));
      this.mix.setVoiced(voicedFor(this.store.get(), this.listens, this.options.directions));
      const { known } = this.store.get();
      if (known !== before.known) this.options.onKnown(known);
    });
  }
}
