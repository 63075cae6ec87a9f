/** What a call hands from LiveKit's room to the sound: whose dubs can be counted on, and what was chosen before a reload. */
import { ConnectionState, RoomEvent, type RemoteParticipant } from 'livekit-client';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';

import { callOptionsWith } from '../testing/callOptions';
import { AudioMix } from './audioMix';
import { LiveKitCall, type CallOptions } from './liveKitCall';

afterEach(() => {
  vi.restoreAllMocks();
});

const SPEAKER = { 'dragoman.speaks': 'vi', 'dragoman.consent': 'true' };

async function running(options: Partial<CallOptions>) {
  const call = new LiveKitCall(callOptionsWith(options));
  onTestFinished(() => call.leave());
  call.room.connect = () => Promise.resolve();
  call.room.disconnect = () => Promise.resolve();
  call.room.state = ConnectionState.Connected;
  await call.start();
  const comes = (identity: string, attributes: Record<string, string>, isAgent = false) => {
    const participant = { identity, name: identity, isLocal: false, isAgent, attributes, getTrackPublication: () => undefined };
    call.room.remoteParticipants.set(identity, participant as unknown as RemoteParticipant);
    return told();
  };
  const told = async () => {
    call.room.emit(RoomEvent.ParticipantAttributesChanged, {}, call.room.localParticipant);
    await Promise.resolve();
  };
  return { call, comes, told };
}

test('the sound is told whose dubs can be counted on, whenever that changes', async () => {
  const spy = vi.spyOn(AudioMix.prototype, 'setVoiced');
  const voiced = () => [...(spy.mock.lastCall?.[0] ?? [])];
  const { call, comes, told } = await running({ listens: 'en', directions: [{ source: 'vi', target: 'en', voice: true }] });
  await comes('p-an', SPEAKER);
  const alone = voiced();

  await comes('interpreter', {}, true);
  const interpreted = voiced();
  await comes('interpreter', { 'dragoman.notices': '[{"speaker": "p-an", "language": "en", "level": 3, "reason": "voice_gone"}]' }, true);
  const paused = voiced();
  await comes('interpreter', {}, true);
  call.setLanguages({ reads: 'en', listens: 'original', voice: 'natural' });
  await Promise.resolve();
  const original = voiced();
  call.setLanguages({ reads: 'en', listens: 'en', voice: 'natural' });
  call.room.remoteParticipants.delete('interpreter');
  await told();

  expect([alone, interpreted, paused, original, voiced()]).toEqual([[], ['p-an'], [], [], []]);
});

test('what was chosen for single speakers counts from the start, and every change of it is kept', async () => {
  const kept: unknown[] = [];
  const before = { mode: 'dub', underDub: 0.4 } as const;
  const { call } = await running({
    hearings: new Map([['p-an', before]]),
    onHearings: (hearings) => kept.push(Object.fromEntries(hearings)),
  });

  call.setHearing('p-eva', { mode: 'original', underDub: 0.18 });

  expect(call.hearingOf('p-an')).toEqual(before);
  expect(kept).toEqual([{ 'p-an': before, 'p-eva': { mode: 'original', underDub: 0.18 } }]);
});
