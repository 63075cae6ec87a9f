import { describe, expect, test } from 'vitest';

import { personWith } from '../testing/fakeCall';
import { audienceOf, reachOf, voicedFor, withheldOf, type Interpreting } from './audience';
import type { Notice } from './notices';

const working: Interpreting = {
  directions: [
    { source: 'en', target: 'vi', voice: true },
    { source: 'en', target: 'fr', voice: false },
  ],
  on: true,
  present: true,
  notices: [],
};
const me = personWith({ identity: 'me', name: 'Ben', isLocal: true, speaks: 'en' });
const reader = (reads: string | null, listens = 'original') => personWith({ identity: 'x', name: 'X', reads, listens });
const about = (level: number, language: string | null = null, speaker = 'me'): Notice => ({ speaker, language, level, reason: 'x' });
const told = (...notices: Notice[]): Interpreting => ({ ...working, notices });

describe('who gets whom', () => {
  test('a speaker sees the languages that are read and heard, each once', () => {
    const others = [reader('vi', 'vi'), reader('vi', 'vi'), reader('fr', 'fr'), reader('en'), reader('ja', 'ja'), reader(null)];

    expect(audienceOf(me, others, working)).toEqual({ reads: ['en', 'fr', 'vi'], hears: ['vi'] });
  });

  test('who did not agree, or is left out by the host, is read and heard by nobody in another language', () => {
    const nobody = { reads: [], hears: [] };

    expect(audienceOf({ ...me, consents: false }, [reader('vi', 'vi')], working)).toEqual(nobody);
    expect(audienceOf({ ...me, transcribed: false }, [reader('vi', 'vi')], working)).toEqual(nobody);
  });

  test('nobody is read or heard while interpretation is off or its interpreter away', () => {
    for (const still of [{ on: false }, { present: false }]) {
      expect(audienceOf(me, [reader('vi', 'vi'), reader('en')], { ...working, ...still })).toEqual({ reads: [], hears: [] });
    }
  });

  test('a step of the ladder takes away what it takes away, in its language alone', () => {
    const others = [reader('vi', 'vi'), reader('fr'), reader('en')];

    expect(audienceOf(me, others, told(about(3)))).toEqual({ reads: ['en', 'fr', 'vi'], hears: [] });
    expect(audienceOf(me, others, told(about(4, 'vi')))).toEqual({ reads: ['en', 'fr'], hears: [] });
    expect(audienceOf(me, others, told(about(4)))).toEqual({ reads: ['en'], hears: [] });
    expect(audienceOf(me, others, told(about(5)))).toEqual({ reads: [], hears: [] });
    expect(audienceOf(me, others, told(about(5, null, 'x')))).toEqual({ reads: ['en', 'fr', 'vi'], hears: ['vi'] });
  });

  test('a speaker of whom nobody gets anything is told why', () => {
    const others = [reader('vi', 'vi')];

    expect(withheldOf(me, others, working)).toBeNull();
    expect(withheldOf(me, [], { ...working, on: false })).toBeNull();
    expect(withheldOf({ ...me, consents: false }, [], working)).toBe('no_consent');
    expect(withheldOf({ ...me, transcribed: false }, [], working)).toBe('excluded');
    expect(withheldOf({ ...me, speaks: null }, others, working)).toBeNull();
    expect(withheldOf(me, others, { ...working, on: false })).toBe('original_only');
    expect(withheldOf(me, others, { ...working, present: false })).toBe('original_only');
    expect(withheldOf(me, others, told(about(5)))).toBe('original_only');
    expect(withheldOf(me, others, told(about(4)))).toBe('untranslated');
    expect(withheldOf(me, others, told(about(3)))).toBeNull();
  });

  test('a listener knows why somebody is not interpreted', () => {
    expect(reachOf(me, reader('vi'), working)).toBe('interpreted');
    expect(reachOf(me, reader('en'), working)).toBe('same');
    expect(reachOf(me, reader('ja'), working)).toBe('no_direction');
    expect(reachOf({ ...me, consents: false }, reader('vi'), working)).toBe('no_consent');
    expect(reachOf({ ...me, transcribed: false }, reader('vi'), working)).toBe('excluded');
    expect(reachOf({ ...me, speaks: null }, reader('vi'), working)).toBe('silent');
  });

  test('a listener knows who is not interpreted at this moment', () => {
    expect(reachOf(me, reader('vi'), { ...working, on: false })).toBe('off');
    expect(reachOf(me, reader('vi'), { ...working, present: false })).toBe('away');
    expect(reachOf(me, reader('vi'), told(about(5)))).toBe('original_only');
    expect(reachOf(me, reader('vi'), told(about(4, 'vi')))).toBe('untranslated');
    expect(reachOf(me, reader('vi'), told(about(4, 'fr'), about(3)))).toBe('interpreted');
    expect(reachOf(me, reader('en'), { ...working, on: false })).toBe('same');
  });
});

describe('whose dub can be counted on', () => {
  const { directions } = working;
  const ben = { ...me, identity: 'p-ben', isLocal: false };
  const room = { people: [{ ...reader('vi'), isLocal: true }, ben], decided: null, interpreterPresent: true, notices: [] };
  const others = { speaks: { speaks: 'vi' }, consents: { consents: false }, transcribed: { transcribed: false } };

  test('that of everybody who is interpreted with a voice in my language', () => {
    expect([...voicedFor(room, 'vi', directions)]).toEqual(['p-ben']);
    expect([...voicedFor({ ...room, notices: [about(2, null, 'p-ben'), about(5, null, 'x')] }, 'vi', directions)]).toEqual(['p-ben']);
  });

  test.each(Object.entries(others))('not that of who differs in %s', (_, change) => {
    expect(voicedFor({ ...room, people: [{ ...ben, ...change }] }, 'vi', directions).size).toBe(0);
  });

  test('nobody’s without a voice in my language, or for the original', () => {
    expect(voicedFor(room, 'fr', directions).size).toBe(0);
    expect(voicedFor(room, 'original', directions).size).toBe(0);
  });

  test('nobody’s while interpretation is off, its interpreter away, or their voice paused', () => {
    expect(voicedFor({ ...room, decided: { interpretation: false, locked: false } }, 'vi', directions).size).toBe(0);
    expect(voicedFor({ ...room, interpreterPresent: false }, 'vi', directions).size).toBe(0);
    for (const notice of [about(3, null, 'p-ben'), about(3, 'vi', 'p-ben'), about(5, null, 'p-ben')]) {
      expect(voicedFor({ ...room, notices: [notice] }, 'vi', directions).size).toBe(0);
    }
  });
});
