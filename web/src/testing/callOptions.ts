/** What a call over LiveKit is opened with, where a test cares for little of it. */
import type { CallOptions } from '../call/liveKitCall';

export function callOptionsWith(changes: Partial<CallOptions> = {}): CallOptions {
  const ticket = { identity: 'p-me', token: 't', serverPath: '/' };
  return {
    ticket,
    renew: () => Promise.resolve(ticket),
    fetchCaptions: () => Promise.reject(new Error('none')),
    reads: null,
    listens: 'original',
    voice: 'natural',
    microphoneOn: false,
    cameraOn: false,
    microphoneId: null,
    cameraId: null,
    speakerId: null,
    underDub: 0.18,
    hearings: new Map(),
    onHearings: () => undefined,
    directions: [],
    showOriginals: false,
    known: new Map(),
    onKnown: () => undefined,
    ...changes,
  };
}
