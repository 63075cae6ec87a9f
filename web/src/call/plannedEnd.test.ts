/** The end that a plan sets, and what the page makes of what the room's metadata says. */
import { ConnectionState, DisconnectReason, RoomEvent } from 'livekit-client';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { callOptionsWith } from '../testing/callOptions';
import { LiveKitCall } from './liveKitCall';
import { endInTime, ServerClock } from './plannedEnd';

const NINE = Date.parse('2026-03-01T09:00:00Z');
const HOUR_MS = 3_600_000;

describe('whose end it was', () => {
  test('a room that is deleted when its time is up was ended by the plan', () => {
    expect(endInTime('ended_by_host', NINE, NINE + 900)).toBe('ended_by_plan');
    expect(endInTime('room_gone', NINE, NINE + HOUR_MS)).toBe('ended_by_plan');
  });

  test('before that, or without such an end, it was the host', () => {
    expect(endInTime('ended_by_host', NINE, NINE - 60_000)).toBe('ended_by_host');
    expect(endInTime('ended_by_host', null, NINE)).toBe('ended_by_host');
  });

  test('who left or was taken out in the last second was so all the same', () => {
    expect([endInTime('left', NINE, NINE), endInTime('removed', NINE, NINE)]).toEqual(['left', 'removed']);
  });
});

test('a clock that is hours off shows the end when it comes', () => {
  const clock = new ServerClock();
  clock.set(NINE - 10 * 60_000, NINE + HOUR_MS);

  expect(clock.here(NINE)).toBe(NINE + HOUR_MS + 10 * 60_000);
  expect(clock.here(null)).toBeNull();
});

describe('a call over LiveKit', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    ['its time is up', 5 * 60_000 + 1_000, 'ended_by_plan'],
    ['a host ends it before', 2 * 60_000, 'ended_by_host'],
  ])('takes the end from the metadata: when %s, the page says so', async (_when, laterMs, end) => {
    const call = await running();
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
    const endsAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 5 * 60_000);

    await tell(call, endsAt);
    const told = call.getState().endsAtMs;
    vi.setSystemTime(Date.now() + laterMs);
    call.room.emit(RoomEvent.Disconnected, DisconnectReason.ROOM_DELETED);

    expect(told).toBe(endsAt.getTime());
    expect(call.getState().end).toBe(end);
  });

  test('knows a lock, and that interpretation is off, from whichever page they were decided on', async () => {
    const call = await running();
    const before = call.getState().decided;

    await say(call, { interpretation: false, locked: true });
    const told = call.getState().decided;
    await say(call, { interpretation: true });

    expect(before).toBeNull();
    expect(told).toEqual({ interpretation: false, locked: true });
    expect(call.getState().decided).toEqual({ interpretation: true, locked: false });
  });

  test('believes the server and not its own clock, which is two hours behind', async () => {
    const call = await running();
    vi.useFakeTimers({ now: NINE - 2 * HOUR_MS, toFake: ['Date'] });

    Object.defineProperty(call.room.localParticipant, 'joinedAt', { value: new Date(NINE) });
    call.room.emit(RoomEvent.SignalConnected);
    await tell(call, new Date(NINE + 60_000));
    vi.setSystemTime(NINE - 2 * HOUR_MS + 61_000);
    call.room.emit(RoomEvent.Disconnected, DisconnectReason.ROOM_DELETED);

    expect(call.getState()).toMatchObject({ endsAtMs: NINE - 2 * HOUR_MS + 60_000, end: 'ended_by_plan' });
  });
});

function tell(call: LiveKitCall, endsAt: Date): Promise<void> {
  return say(call, { interpretation: true, ends_at: endsAt.toISOString() });
}

async function say(call: LiveKitCall, said: Record<string, unknown>): Promise<void> {
  const metadata = JSON.stringify(said);
  Object.defineProperty(call.room, 'metadata', { get: () => metadata, configurable: true });
  call.room.emit(RoomEvent.RoomMetadataChanged, metadata);
  await Promise.resolve();
}

async function running(): Promise<LiveKitCall> {
  const call = new LiveKitCall(callOptionsWith());
  call.room.connect = () => Promise.resolve();
  call.room.disconnect = () => Promise.resolve();
  call.room.state = ConnectionState.Connected;
  await call.start();
  return call;
}
