import { describe, expect, test } from 'vitest';

import { AMOUNTS } from '../../api/accounts';
import { UNLIMITED } from '../../testing/fakeAccounts';
import { ownLimits, readAmount, type WrittenAmounts } from './limits';

const NOTHING = Object.fromEntries(AMOUNTS.map((name) => [name, ''])) as WrittenAmounts;

describe('limits of one account', () => {
  test('only what is limited is sent, and nothing at all takes all limits away', () => {
    expect(ownLimits(NOTHING, UNLIMITED)).toBeNull();
    expect(ownLimits({ ...NOTHING, people: ' 12 ', historyDays: '0' }, { ...UNLIMITED, cloning: false })).toEqual({
      people: 12,
      historyDays: 0,
      cloning: false,
    });
  });

  test('an amount is a whole number that the server takes', () => {
    expect(readAmount('roomsAtOnce', '0')).toBe(0);
    expect(readAmount('people', '')).toBeNull();
    for (const written of ['0', '-1', '1.5', 'many', '1000001']) expect(readAmount('people', written)).toBe('wrong');
  });
});
