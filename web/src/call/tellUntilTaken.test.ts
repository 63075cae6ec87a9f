import { describe, expect, test } from 'vitest';

import { tellUntilTaken } from './tellUntilTaken';

/** A server that refuses `refusals` times, and what it was told of how often, with the waits in between. */
function server(refusals: number) {
  const waits: number[] = [];
  let told = 0;
  let refused = 0;
  const wanted = { is: true };
  const tell = () => {
    told += 1;
    return told <= refusals ? Promise.reject(new Error('away')) : Promise.resolve('taken');
  };
  const options = {
    isWanted: () => wanted.is,
    onRefused: () => {
      refused += 1;
    },
    wait: (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
  return { tell, options, wanted, waits, seen: () => ({ told, refused }) };
}

describe('tellUntilTaken', () => {
  test('tells once where it is taken at once', async () => {
    const { tell, options, waits, seen } = server(0);

    expect(await tellUntilTaken(tell, options)).toBe('taken');
    expect([seen(), waits]).toEqual([{ told: 1, refused: 0 }, []]);
  });

  test('tells again, ever less often but within five seconds, until it is taken', async () => {
    const { tell, options, waits, seen } = server(6);

    expect(await tellUntilTaken(tell, options)).toBe('taken');
    expect(seen()).toEqual({ told: 7, refused: 1 });
    expect(waits).toEqual([500, 1_000, 2_000, 5_000, 5_000, 5_000]);
  });

  test('stops while it waits once nobody wants it any more', async () => {
    const { tell, options, wanted, seen } = server(Infinity);
    const wait = () => {
      wanted.is = false;
      return Promise.resolve();
    };

    expect(await tellUntilTaken(tell, { ...options, wait })).toBeNull();
    expect(seen()).toEqual({ told: 1, refused: 1 });
  });

  test.each([0, 1])('neither an answer nor a refusal counts that comes too late', async (refusals) => {
    const { tell, options, wanted, seen } = server(refusals);

    const answered = tellUntilTaken(tell, options);
    wanted.is = false;

    expect(await answered).toBeNull();
    expect(seen()).toEqual({ told: 1, refused: 0 });
  });
});
