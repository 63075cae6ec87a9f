/** The small deciders of a call, a few promises each. */
import { DisconnectReason } from 'livekit-client';
import { describe, expect, test } from 'vitest';

import { deviceProblem, levelOf } from './devices';
import { isHeard, levelAtRest, levelUnderDub, parseDubName } from './dubTracks';
import { parseNotices } from './notices';
import { quietLine, type QuietLineInput } from './quietLine';
import { endOf, endOfRefusal, GIVE_UP_AFTER_MS, waitBefore } from './rejoining';
import { parseUnvoiced } from './unvoiced';
import type { VoiceWish } from './voices';
import { PAUSE_AFTER_MS, RESUME_AFTER_MS, WeakLink } from './weakLink';

describe('which dub is heard', () => {
  test('a dub is known by its name, with any identity in it', () => {
    expect(parseDubName('dub:p-an:vi')).toEqual({ speaker: 'p-an', language: 'vi', voice: 'natural' });
    expect(parseDubName('dub:a:b:en')).toEqual({ speaker: 'a:b', language: 'en', voice: 'natural' });
    expect(parseDubName('dub:p-an:vi:fast')).toEqual({ speaker: 'p-an', language: 'vi', voice: 'fast' });
    expect(parseDubName('dub:p-an:en:own')).toEqual({ speaker: 'p-an', language: 'en', voice: 'own' });
    expect(parseDubName('microphone')).toBeNull();
    expect(parseDubName('dub::en')).toBeNull();
  });

  test('it is the one in my language and voice, unless I want the original', () => {
    const dub = { speaker: 'p-an', language: 'en', voice: 'natural' } as const;
    const listening = (listens: string, voice: VoiceWish = 'natural') => ({ listens, voice });
    const both = { mode: 'both', underDub: 0.18 } as const;

    expect(isHeard(dub, listening('en'), both)).toBe(true);
    expect(isHeard(dub, listening('en', 'fast'), both)).toBe(false);
    expect(isHeard(dub, listening('es'), both)).toBe(false);
    expect(isHeard(dub, listening('original'), both)).toBe(false);
    expect(isHeard(dub, listening('en'), { ...both, mode: 'original' })).toBe(false);
    expect([both, { ...both, mode: 'dub' as const }].map((hearing) => levelAtRest(hearing, { voiced: true }))).toEqual([1, 0]);
    expect(levelAtRest({ ...both, mode: 'dub' }, { voiced: false })).toBe(1);
    expect([levelUnderDub(both), levelUnderDub({ ...both, mode: 'dub' })]).toEqual([0.18, 0]);
  });
});

describe('the quiet line', () => {
  const calm: QuietLineInput = {
    me: 'p-me',
    phase: 'connected',
    interpretation: true,
    interpreterAwayMs: null,
    notices: [],
    speakers: ['p-an', 'p-eva'],
    audience: [],
    reads: 'en',
    listens: 'en',
    lagMs: null,
    voiceSkipped: false,
  };
  const notice = (level: number, language: string | null = null, speaker = 'p-an') => ({ speaker, language, level, reason: 'x' });

  test('it says nothing when there is nothing to say', () => {
    expect(quietLine(calm)).toBeNull();
    expect(quietLine({ ...calm, lagMs: 2_100, speakers: [] })).toBeNull();
  });

  test('it says how far behind the interpretation is', () => {
    expect(quietLine({ ...calm, lagMs: 2_100 })).toEqual({ kind: 'interpreting', lagS: 2.1 });
    expect(quietLine({ ...calm, lagMs: 7_000 })).toEqual({ kind: 'catching_up' });
    expect(quietLine({ ...calm, voiceSkipped: true })).toEqual({ kind: 'catching_up' });
    expect(quietLine({ ...calm, lagMs: 7_000, listens: 'original' })).toMatchObject({ kind: 'interpreting' });
  });

  test('it says to everybody that a host has switched interpretation off, and nothing of what is missing by that', () => {
    const off = { ...calm, interpretation: false, interpreterAwayMs: 60_000, notices: [notice(5)] };

    expect(quietLine(off)).toEqual({ kind: 'off' });
    expect(quietLine({ ...off, speakers: [] })).toEqual({ kind: 'off' });
    expect(quietLine({ ...off, phase: 'reconnecting' })).toEqual({ kind: 'reconnecting' });
  });

  test('it tells a speaker, and nobody else, that the others still listen', () => {
    const behind = { ...notice(1, 'es', 'p-me'), kind: 'behind' };

    expect(quietLine({ ...calm, speakers: [], notices: [behind] })).toEqual({ kind: 'still_listening' });
    expect(quietLine({ ...calm, me: 'p-eva', notices: [behind] })).toBeNull();
  });

  test('it tells speakers for whom there is no room that they are not interpreted', () => {
    const refused = (speaker: string) => ({ ...notice(5, null, speaker), kind: 'capacity', reason: 'capacity' });

    expect(quietLine({ ...calm, speakers: [], notices: [refused('p-me')] })).toEqual({ kind: 'original_only', of: ['p-me'] });
    expect(quietLine({ ...calm, lagMs: 2_100, notices: [refused('p-eva'), refused('p-me')] })).toEqual({
      kind: 'original_only',
      of: ['p-me', 'p-eva'],
    });
    expect(quietLine({ ...calm, notices: ['p-me', 'p-an', 'p-eva'].map(refused) })).toEqual({ kind: 'original_only', of: null });
    expect(quietLine({ ...calm, notices: [{ ...refused('p-me'), level: 3 }] })).toBeNull();
  });

  test('it names the lowest step of the ladder that concerns me', () => {
    const alone = { ...calm, speakers: ['p-an'] };

    expect(quietLine({ ...alone, notices: [notice(3), notice(5, 'es')] })).toEqual({ kind: 'voice_paused', of: null });
    expect(quietLine({ ...alone, notices: [notice(4, 'en')] })).toEqual({ kind: 'untranslated', of: null });
    expect(quietLine({ ...alone, notices: [notice(5)] })).toEqual({ kind: 'original_only', of: null });
    expect(quietLine({ ...alone, listens: 'original', notices: [notice(3)] })).toBeNull();
  });

  test('it says that a simpler engine translates, unless there is worse to say', () => {
    const simpler = { ...notice(2), reason: 'fallback_translation' };
    const alone = { ...calm, speakers: ['p-an'] };

    expect(quietLine({ ...alone, lagMs: 900, notices: [simpler] })).toEqual({ kind: 'simpler_translation', of: null });
    expect(quietLine({ ...alone, notices: [{ ...simpler, reason: 'fallback_voice' }] })).toBeNull();
    expect(quietLine({ ...alone, notices: [simpler, notice(4)] })).toEqual({ kind: 'untranslated', of: null });
    expect(quietLine({ ...alone, lagMs: 7_000, notices: [simpler] })).toEqual({ kind: 'catching_up' });
  });

  test('it names who is left out while others are interpreted, and forgets who has left', () => {
    const everybody = [notice(5), notice(5, null, 'p-eva')];

    expect(quietLine({ ...calm, lagMs: 900, notices: [notice(5)] })).toEqual({ kind: 'original_only', of: ['p-an'] });
    expect(quietLine({ ...calm, notices: everybody })).toEqual({ kind: 'original_only', of: null });
    expect(quietLine({ ...calm, notices: [notice(5, null, 'p-gone')] })).toBeNull();
  });

  test('an interpreter that is replaced at once is not worth a word', () => {
    expect(quietLine({ ...calm, interpreterAwayMs: 500 })).toBeNull();
    expect(quietLine({ ...calm, interpreterAwayMs: 2_500 })).toEqual({ kind: 'away' });
  });

  test('who only speaks is told that the interpreter is away, if others read or hear them', () => {
    const speaker = { ...calm, speakers: [], interpreterAwayMs: 2_500 };

    expect(quietLine({ ...speaker, audience: ['vi'] })).toEqual({ kind: 'away' });
    expect(quietLine(speaker)).toBeNull();
    expect(quietLine({ ...speaker, audience: ['vi'], interpreterAwayMs: 500 })).toBeNull();
  });

  test('who only speaks is told what the others miss of their own words', () => {
    const speaker = { ...calm, speakers: [], audience: ['vi', 'es'] };
    const mine = (level: number, language: string | null = null) => [notice(level, language, 'p-me')];

    expect(quietLine({ ...speaker, notices: mine(4) })).toEqual({ kind: 'untranslated', of: ['p-me'] });
    expect(quietLine({ ...speaker, notices: mine(4, 'es') })).toEqual({ kind: 'untranslated', of: ['p-me'] });
    expect(quietLine({ ...speaker, notices: mine(5) })).toEqual({ kind: 'original_only', of: ['p-me'] });
    expect(quietLine({ ...speaker, notices: mine(4, 'fr') })).toBeNull();
    expect(quietLine({ ...speaker, notices: mine(3) })).toBeNull();
    expect(quietLine({ ...speaker, audience: [], notices: mine(4) })).toBeNull();
    expect(quietLine({ ...calm, audience: ['vi'], notices: [...mine(4), notice(4)] })).toEqual({ kind: 'untranslated', of: ['p-me', 'p-an'] });
  });

  test('a lost connection comes before everything', () => {
    expect(quietLine({ ...calm, phase: 'reconnecting', notices: [notice(5)] })).toEqual({ kind: 'reconnecting' });
  });
});

describe('a weak connection', () => {
  test('costs the camera after five seconds, once', () => {
    const link = new WeakLink();
    link.observe('weak', 1_000);

    expect(link.decide(1_000 + PAUSE_AFTER_MS - 1)).toBeNull();
    expect(link.decide(1_000 + PAUSE_AFTER_MS)).toBe('pause');
    expect(link.decide(60_000)).toBeNull();
  });

  test('gives it back only when it has been good for long', () => {
    const link = new WeakLink();
    link.observe('weak', 0);
    link.decide(PAUSE_AFTER_MS);
    link.observe('good', 10_000);
    link.observe('weak', 15_000);
    link.observe('good', 20_000);

    expect(link.decide(20_000 + RESUME_AFTER_MS - 1)).toBeNull();
    expect(link.decide(20_000 + RESUME_AFTER_MS)).toBe('resume');
  });

  test('never overrules the person who wants the camera over it, until it was good again', () => {
    const link = new WeakLink();
    link.observe('weak', 0);
    link.decide(PAUSE_AFTER_MS);

    link.reset();
    link.observe('weak', 7_000);
    const overruled = [link.decide(6_000 + PAUSE_AFTER_MS), link.decide(600_000)];
    link.observe('good', 600_000);
    link.observe('weak', 601_000);
    const afterADip = link.decide(620_000);
    link.observe('good', 620_000);
    link.observe('weak', 620_000 + RESUME_AFTER_MS);

    expect([...overruled, afterADip]).toEqual([null, null, null]);
    expect(link.decide(620_000 + RESUME_AFTER_MS + PAUSE_AFTER_MS)).toBe('pause');
  });

  test('costs the camera too where it is weak every other moment', () => {
    const link = new WeakLink();
    link.observe('weak', 0);
    link.observe('good', 3_000);
    link.observe('weak', 7_000);

    expect(link.decide(8_900)).toBeNull();
    expect(link.decide(9_000)).toBe('pause');
  });

  test('forgets a dip once it has been good for long', () => {
    const link = new WeakLink();
    link.observe('weak', 0);
    link.observe('good', 3_000);
    link.observe('weak', 3_000 + RESUME_AFTER_MS);

    expect(link.decide(3_000 + RESUME_AFTER_MS + PAUSE_AFTER_MS - 1)).toBeNull();
    expect(link.decide(3_000 + RESUME_AFTER_MS + PAUSE_AFTER_MS)).toBe('pause');
  });

  test('a short dip costs nothing', () => {
    const link = new WeakLink();
    link.observe('weak', 0);
    link.observe('good', 3_000);

    expect(link.decide(10_000)).toBeNull();
  });
});

describe('after a disconnection', () => {
  test('what people decided is the end', () => {
    expect(endOf(DisconnectReason.ROOM_DELETED)).toBe('ended_by_host');
    expect(endOf(DisconnectReason.PARTICIPANT_REMOVED)).toBe('removed');
    expect(endOf(DisconnectReason.DUPLICATE_IDENTITY)).toBe('elsewhere');
  });

  test('what broke is tried again, and a night of it is not', () => {
    expect(endOf(DisconnectReason.SIGNAL_CLOSE)).toBeNull();
    expect(endOf(undefined)).toBeNull();
    expect(waitBefore(0, 0)).toBeLessThan(500);
    expect(waitBefore(50, 60_000)).toBe(5_000);
    expect(waitBefore(60, GIVE_UP_AFTER_MS + 1)).toBeNull();
  });

  test('a refusal that will not change ends the tries, another does not', () => {
    expect(endOfRefusal('room_not_found')).toBe('room_gone');
    expect(endOfRefusal('not_allowed')).toBe('not_allowed');
    expect(endOfRefusal('unreachable')).toBeNull();
    expect(endOfRefusal('too_many_requests')).toBeNull();
  });
});

describe('what others may send', () => {
  test('garbage instead of notices is no notice', () => {
    expect(parseNotices(undefined)).toEqual([]);
    expect(parseNotices('{')).toEqual([]);
    expect(parseNotices('{"level": 5}')).toEqual([]);
    expect(parseNotices('[1, null, {"speaker": "p-an"}, {"speaker": "p-an", "level": 3, "language": null, "reason": "voice_gone"}]')).toEqual([
      { speaker: 'p-an', language: null, level: 3, reason: 'voice_gone' },
    ]);
  });

  test('garbage on the data channel is ignored', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);

    expect(parseUnvoiced(bytes('{"segment": "1.a", "language": "en", "epoch": 1}'))).toBe('1.a');
    expect(parseUnvoiced(bytes('null'))).toBeNull();
    expect(parseUnvoiced(bytes('{"segment": 5}'))).toBeNull();
    expect(parseUnvoiced(new Uint8Array([0xff, 0xfe, 0x00]))).toBeNull();
    expect(parseUnvoiced(new Uint8Array(5_000))).toBeNull();
  });
});

describe('devices', () => {
  test('a refusal, a missing device and one in use are told apart', () => {
    expect(deviceProblem(new DOMException('', 'NotAllowedError'))).toBe('denied');
    expect(deviceProblem(new DOMException('', 'NotFoundError'))).toBe('absent');
    expect(deviceProblem(new DOMException('', 'NotReadableError'))).toBe('failed');
    expect(deviceProblem('whatever')).toBe('failed');
  });

  test('the level goes from nothing to full', () => {
    expect([levelOf(0), levelOf(1)]).toEqual([0, 1]);
    expect(levelOf(0.03)).toBeGreaterThan(0.5);
  });
});
