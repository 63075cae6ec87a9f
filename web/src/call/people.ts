/** Read a participant of LiveKit as a person of the page. To `liveKitCall.ts`. */
import { ConnectionQuality, Track, type LocalParticipant, type RemoteParticipant } from 'livekit-client';

import type { CallState, Person } from './callState';
import { ORIGINAL } from './languages';
import { COLOURS } from './speakerColours';

/** Gives every identity a colour when it is first seen, and keeps it; those in `known` have theirs already. */
export class Colours {
  private readonly given: Map<string, number>;

  constructor(known: CallState['known']) {
    this.given = new Map([...known].map(([identity, { colour }]) => [identity, colour]));
  }

  of(identity: string): number {
    const colour = this.given.get(identity) ?? this.given.size % COLOURS;
    this.given.set(identity, colour);
    return colour;
  }
}

export function readPerson(
  participant: LocalParticipant | RemoteParticipant,
  { colour, dubSounding }: { colour: number; dubSounding: boolean },
): Person {
  const { attributes } = participant;
  const microphone = participant.getTrackPublication(Track.Source.Microphone);
  const camera = participant.getTrackPublication(Track.Source.Camera);
  const screen = participant.getTrackPublication(Track.Source.ScreenShare);
  const cameraOn = camera !== undefined && !camera.isMuted;
  return {
    identity: participant.identity,
    name: participant.name || participant.identity,
    isLocal: participant.isLocal,
    speaks: attributes['dragoman.speaks'] || null,
    reads: attributes['dragoman.reads'] || null,
    listens: attributes['dragoman.listens'] || ORIGINAL,
    consents: attributes['dragoman.consent'] === 'true',
    transcribed: attributes['dragoman.transcribed'] !== 'false',
    isCohost: attributes['dragoman.cohost'] === 'true',
    microphoneOn: microphone !== undefined && !microphone.isMuted,
    cameraOn,
    video: cameraOn ? (camera.videoTrack ?? null) : null,
    videoPaused: cameraOn && camera.videoTrack?.streamState === Track.StreamState.Paused,
    screen: screen && !screen.isMuted ? (screen.videoTrack ?? null) : null,
    speaking: participant.isSpeaking,
    dubSounding,
    weakConnection: [ConnectionQuality.Poor, ConnectionQuality.Lost].includes(participant.connectionQuality),
    colour,
  };
}

/** Add who is new or has another name; the same map if nobody is. */
export function remember(known: CallState['known'], people: readonly Person[]): CallState['known'] {
  if (people.every(({ identity, name }) => known.get(identity)?.name === name)) return known;
  return new Map([...known, ...people.map(({ identity, name, colour }) => [identity, { name, colour }] as const)]);
}
