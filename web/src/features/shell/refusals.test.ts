import { readFileSync } from 'node:fs';

import i18next from 'i18next';
import { beforeEach, describe, expect, test } from 'vitest';

import type { Facts } from '../../api/facts';
import { readFacts } from '../../api/facts';
import { changePageLanguage, PAGE_LANGUAGES } from '../../i18n';
import en from '../../i18n/en.json';
import { refusalWords, waitIn } from './refusals';

/** From the folder of the page, where its tests run. */
const PLANS_FILE = '../src/dragoman/accounts/plans.toml';

/** The plans as the server has them, and the numbers of their limits; a switch is `true` or `false`. */
function readPlans(): [string, [string, string][]][] {
  return readFileSync(PLANS_FILE, 'utf8')
    .split(/^\[/m)
    .slice(1)
    .map((part): [string, [string, string][]] => [
      part.slice(0, part.indexOf(']')),
      [...part.matchAll(/^(\w+) = (.+)$/gm)].map(([, name, value]): [string, string] => [name ?? '', value ?? '']).filter(([name]) => name !== 'priority'),
    ]);
}

const PLANS = readPlans();
const LIMITS = [...new Set(PLANS.flatMap(([, limits]) => limits.map(([name]) => name)))];
const words = (code: string, facts: Facts, retryAfterS: number | null = null) => refusalWords(i18next, { code, facts, retryAfterS });

/** Facts with everything that a text may have a blank for. */
const ALL: Facts = {
  allowed: 7,
  least: 2,
  free: 3,
  term: 'booth',
  limit: 'people',
  field: 'title',
  startsAt: '2026-11-23T08:30:00Z',
};

const bases = (texts: object) => [...new Set(Object.keys(texts).map((name) => name.replace(/_(zero|one|other)$/, '')))];

test('the plans are read as they are', () => {
  expect(PLANS.map(([name]) => name)).toEqual(Object.keys(en.plan.name));
  expect(LIMITS).toContain('rooms_at_once');
  expect(LIMITS.length).toBeGreaterThan(10);
});

describe.each(PAGE_LANGUAGES)('in %s', (language) => {
  beforeEach(() => changePageLanguage(language));

  test.each(PLANS)('every limit of the plan %s has a sentence with its name and its number', (plan, limits) => {
    for (const [limit, value] of limits) {
      if (value === '"unlimited"' || value === 'true') continue;
      const allowed = value === 'false' ? 0 : Number(value);
      const sentence = words('limit_reached', { limit, allowed, plan, helps: ['ask_admin'] });

      expect([limit, sentence]).toEqual([limit, expect.stringContaining(i18next.t(`plan.name.${plan}` as 'plan.name.free'))]);
      if (allowed > 1) expect(sentence).toContain(new Intl.NumberFormat(language, { useGrouping: 'min2' }).format(allowed));
    }
  });

  test.each(LIMITS)('the limit %s has a sentence for any number', (limit) => {
    const sentences = [0, 1, 2, 1000].map((allowed) => words('limit_reached', { limit, allowed, plan: 'enterprise', helps: [] }));

    for (const sentence of sentences) expect(sentence).not.toMatch(/^$|\{\{|undefined|refusal\./);
  });

  test.each(bases(en.refusal.bound))('the bound %s has a sentence', (limit) => {
    expect(words('too_many_rooms', { limit, allowed: 3 })).toContain('3');
    expect(words('too_many_rooms', { limit, allowed: 1 })).not.toBe('');
  });

  test.each(bases(en.refusal.reason))('the reason %s has a sentence', (reason) => {
    expect(words('request_invalid', { ...ALL, reason })).not.toMatch(/^$|\{\{|undefined|refusal\./);
  });

  test.each(bases(en.refusal.field))('the field %s has a name', (field) => {
    expect(words('request_invalid', { reason: 'too_long', allowed: 80, field: `terms.3.${field}` })).toMatch(/: .*80/);
  });

  test.each(bases(en.refusal.rated).flatMap((limit) => bases(en.refusal.scope).map((scope): [string, string] => [limit, scope])))(
    'too many of %s by one %s have a sentence with the wait',
    (limit, scope) => {
      expect(words('too_many_requests', { limit, scope, allowed: 30 }, 900)).toContain(waitIn(900, language));
    },
  );

  test.each(bases(en.refusal.help))('what helps, %s, is said', (help) => {
    const plain = words('limit_reached', { limit: 'people', allowed: 6, plan: 'free', helps: [] });
    const helped = words('limit_reached', { limit: 'people', allowed: 6, plan: 'free', helps: [help] });

    if (help !== 'ask_admin') expect(helped.length).toBeGreaterThan(plain.length);
  });

  test('facts that are not enough, or of a newer server, are left to the text of the code', () => {
    expect(words('limit_reached', {})).toBe('');
    expect(words('limit_reached', { limit: 'moons', allowed: 2, plan: 'free' })).toBe('');
    expect(words('limit_reached', { limit: 'people', plan: 'free' })).toBe('');
    expect(words('slots_taken', { free: 1 })).toBe('');
    expect(words('too_many_requests', {}, 5)).toBe('');
    expect(words('request_invalid', { reason: 'too_long', field: 'moon', allowed: 3 })).toBe('');
    expect(words('schedule_invalid', { reason: 'constructor' })).toBe('');
  });
});

describe('sentences', () => {
  const ROOMS: Facts = { limit: 'rooms_at_once', allowed: 2, plan: 'free', largerPlan: { name: 'premium', allowed: 5 }, helps: ['end_other_call', 'ask_admin'] };

  test('a limit of a plan says the number, what helps by oneself, and the larger plan', async () => {
    expect(words('limit_reached', ROOMS)).toBe(
      'The Free plan allows 2 calls at the same time. End the call in another room of yours. The Premium plan allows 5; whoever runs this server can give it.',
    );

    await changePageLanguage('vi');

    expect(words('limit_reached', ROOMS)).toBe(
      'Gói Miễn phí cho phép 2 cuộc gọi cùng lúc. Hãy kết thúc cuộc gọi ở một phòng khác của bạn. Gói Cao cấp cho phép 5; người quản trị máy chủ có thể cấp gói này.',
    );
  });

  test('one is one in English', () => {
    expect(words('limit_reached', { ...ROOMS, allowed: 1 })).toMatch(/^The Free plan allows one call at a time\./);
    expect(words('limit_reached', { ...ROOMS, largerPlan: { name: 'enterprise', allowed: null } })).toContain('The Enterprise plan has no such limit');
  });

  test('what a plan is without names the plan that has it', () => {
    const facts: Facts = { limit: 'api', allowed: 0, plan: 'free', largerPlan: { name: 'pro', allowed: null }, helps: ['ask_admin'] };

    expect(words('limit_reached', facts)).toBe('The Free plan is without API keys and webhooks. The Pro plan includes this; whoever runs this server can give it.');
  });

  test('taken slots say the day, what is free, and what there is', async () => {
    const facts: Facts = { limit: 'speakers', allowed: 4, free: 1, startsAt: '2026-11-23T08:30:00Z', helps: ['another_time', 'fewer_speakers'] };

    expect(words('slots_taken', facts)).toMatch(/^On .*2026.* one speaker is free; the server carries 4\./);
    expect(words('slots_taken', { ...facts, free: 0 })).toMatch(/no speaker is free/);
    await changePageLanguage('vi');
    expect(words('slots_taken', facts)).toMatch(/^Vào .*2026.* còn 1 chỗ cho người nói/);
  });

  test('a wait is in seconds while it is short, and in minutes then', async () => {
    expect(words('too_many_requests', { limit: 'sign_in', scope: 'address' }, 1)).toMatch(/Try again in 1 second\.$/);
    expect(words('too_many_requests', { limit: 'sign_in', scope: 'address' }, 890)).toBe(
      'Too many tries to sign in. Everybody on this network counts together. Try again in 15 minutes.',
    );
    await changePageLanguage('vi');
    expect(words('too_many_requests', { limit: 'sign_in', scope: 'address' }, 890)).toMatch(/Hãy thử lại sau 15 phút\.$/);
  });

  test('requests of an hour name the plan', () => {
    const facts: Facts = { limit: 'requests_per_hour', allowed: 100, plan: 'free', scope: 'user', largerPlan: { name: 'premium', allowed: 500 }, helps: ['wait', 'ask_admin'] };

    expect(words('too_many_requests', facts, 60)).toBe(
      'The Free plan allows 100 requests in an hour. Try again in 60 seconds. The Premium plan allows 500; whoever runs this server can give it.',
    );
  });

  test('a year has no comma, a line its number, a field its name', () => {
    expect(words('schedule_invalid', { reason: 'year_out_of_range', field: 'starts_local', least: 2000, allowed: 2200 })).toBe('Choose a year from 2000 to 2200.');
    expect(words('glossary_invalid', { reason: 'term_without_translation', term: 'booth', line: 4 })).toBe(
      'Line 4: “booth” has no translation. Give one, or keep it as it is.',
    );
    expect(words('request_invalid', { reason: 'too_long', field: 'title', allowed: 1 })).toBe('Name of the room: At most one character.');
    expect(words('plan_limits_invalid', { reason: 'amount_out_of_range', limit: 'room_minutes', least: 1, allowed: 1_000_000 })).toBe(
      'Minutes of a call: a whole number from 1 to 1,000,000, or nothing.',
    );
  });
});

test('the members of a problem are read by the names of the page', () => {
  const facts = readFacts({ code: 'limit_reached', larger_plan: { name: 'pro', allowed: null }, starts_at: '2026-11-23T08:30:00Z' });

  expect(facts).toMatchObject({ largerPlan: { name: 'pro', allowed: null }, startsAt: '2026-11-23T08:30:00Z' });
});
