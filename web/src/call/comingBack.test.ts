/** Coming in and coming back, with a clock that is wound by the waits. */
import { describe, expect, test, vi } from 'vitest';

import { ApiError } from '../api/types';
import type { EndReason } from './callState';
import { callOptionsWith } from '../testing/callOptions';
import { ComingBack, type CallTicket } from './comingBack';
import { LiveKitCall } from './liveKitCall';

const ticket = (token: string): CallTicket => ({ identity: 'p-me', token, serverPath: '/' });

interface World {
  /** Tokens that open the room now. */
  valid?: string[];
  /** What asking to be let in again gives, one after the other, the last for ever. */
  answers?: (string | Error)[];
  /** Added to each wait, as a computer that sleeps does. */
  sleepMs?: number;
  /** Somebody leaves while this is on its way. */
  leavesIn?: 'renew' | 'connect';
}

function comingBack({ valid = [], answers = [], sleepMs = 0, leavesIn }: World) {
  const told: string[] = [];
  let atMs = 0;
  let end: EndReason | null = null;
  let asked = 0;
  const back = new ComingBack({
    connect: ({ token }) => {
      told.push(`connect ${token}`);
      if (leavesIn === 'connect') end = 'left';
      return valid.includes(token) ? Promise.resolve() : Promise.reject(new Error('401'));
    },
    disconnect: () => {
      told.push('disconnect');
      return Promise.resolve();
    },
    renew: () => {
      if (leavesIn === 'renew') end = 'left';
      const answer = answers[Math.min(asked, answers.length - 1)] ?? new ApiError('unreachable', 'no answer');
      asked += 1;
      return typeof answer === 'string' ? Promise.resolve(ticket(answer)) : Promise.reject(answer);
    },
    onConnected: () => told.push('connected'),
    onTrying: () => told.push('trying'),
    onEnd: (reason) => {
      end = reason;
    },
    isOver: () => end !== null,
    now: () => atMs,
    wait: (ms) => {
      atMs += ms + sleepMs;
      return Promise.resolve();
    },
  });
  return { back, told, endOf: () => end, elapsedMs: () => atMs, asked: () => asked };
}

describe('coming in', () => {
  test('a ticket that opens the room is all it takes', async () => {
    const { back, told } = comingBack({ valid: ['fresh'] });

    await back.run(ticket('fresh'));

    expect(told).toEqual(['connect fresh', 'connected']);
  });

  test('an expired or forged token is replaced by asking again', async () => {
    const { back, told } = comingBack({ valid: ['new'], answers: ['new'] });

    await back.run(ticket('expired'));

    expect(told).toEqual(['connect expired', 'trying', 'connect new', 'connected']);
  });
});

describe('coming back', () => {
  test('a page that was left open overnight is let in again when the computer wakes', async () => {
    const away = new ApiError('unreachable', 'no answer');
    const { back, told, endOf, elapsedMs } = comingBack({ valid: ['morning'], answers: [away, away, 'morning'], sleepMs: 8 * 3_600_000 });

    await back.run(null);

    expect(elapsedMs()).toBeGreaterThan(8 * 3_600_000);
    expect([told.at(-1), endOf()]).toEqual(['connected', null]);
  });

  test('a server that stays away for two minutes is the end for now', async () => {
    const { back, endOf, elapsedMs } = comingBack({});

    await back.run(null);

    expect(endOf()).toBe('lost');
    expect(elapsedMs()).toBeLessThan(140_000);
  });

  test.each([
    ['room_not_found', 'room_gone'],
    ['room_full', 'room_full'],
    ['room_locked', 'room_locked'],
    ['lobby_refused', 'lobby_refused'],
    ['not_allowed', 'not_allowed'],
  ])('the refusal %s ends the tries at once', async (code, end) => {
    const { back, endOf, asked } = comingBack({ answers: [new ApiError(code, code)] });

    await back.run(null);

    expect([endOf(), asked()]).toEqual([end, 1]);
  });

  test('a second loss while it is tried does not start a second row of tries', async () => {
    const { back, told } = comingBack({ valid: ['new'], answers: ['new'] });

    await Promise.all([back.run(null), back.run(null)]);

    expect(told).toEqual(['trying', 'connect new', 'connected']);
  });
});

describe('who leaves while the page comes back', () => {
  test('is in no call that lets them in a moment later', async () => {
    const { back, told, endOf } = comingBack({ valid: ['late'], answers: ['late'], leavesIn: 'renew' });

    await back.run(null);

    expect([told, endOf()]).toEqual([['trying'], 'left']);
  });

  test('does not stay in the call that was being connected', async () => {
    const { back, told } = comingBack({ valid: ['late'], leavesIn: 'connect' });

    await back.run(ticket('late'));

    expect(told).toEqual(['connect late', 'disconnect']);
  });

  test('waits before its door no longer', async () => {
    const waits: AbortSignal[] = [];
    const renew = (over: AbortSignal) => {
      waits.push(over);
      return new Promise<CallTicket>(() => undefined);
    };
    const call = new LiveKitCall(callOptionsWith({ renew }));
    call.room.connect = () => Promise.reject(new Error('401'));
    void call.start();
    await vi.waitFor(() => expect(waits).toHaveLength(1), { timeout: 20_000 });

    await call.leave();

    expect(waits[0]?.aborted).toBe(true);
  });
});
