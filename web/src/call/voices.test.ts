import { describe, expect, it } from 'vitest';

import { parseNotices } from './notices';
import { readWish, voicePlaying } from './voices';

const told = (changes: object) =>
  parseNotices(JSON.stringify([{ kind: 'voice', speaker: 'p-an', language: 'en', level: 0, reason: 'quick', wish: 'natural', ...changes }]));
const me = { listens: 'en', voice: 'natural' as const };

describe('which voice plays', () => {
  it('is what the interpreter says of my language and my wish', () => {
    expect(voicePlaying(told({}), 'p-an', me)).toBe('quick');
    expect(voicePlaying(told({ reason: 'fallback' }), 'p-an', me)).toBe('fallback');
    expect(voicePlaying(told({ wish: 'fast' }), 'p-an', me)).toBeNull();
    expect(voicePlaying(told({ language: 'es' }), 'p-an', me)).toBeNull();
    expect(voicePlaying(told({}), 'p-ben', me)).toBeNull();
  });

  it('is none for who hears the original, or while nobody has spoken', () => {
    expect(voicePlaying(told({}), 'p-an', { ...me, listens: 'original' })).toBeNull();
    expect(voicePlaying([], 'p-an', me)).toBeNull();
  });

  it('is captions only while the voice is gone, in one language or all', () => {
    for (const language of ['en', null]) {
      const gone = told({ kind: 'ladder', language, level: 3, reason: 'voice_gone' });
      expect(voicePlaying([...told({}), ...gone], 'p-an', me)).toBe('captions_only');
    }
  });

  it('is nothing that the page does not know', () => {
    expect(voicePlaying(told({ reason: 'opera' }), 'p-an', me)).toBeNull();
    expect(readWish('opera')).toBe('natural');
    expect(readWish('fast')).toBe('fast');
  });
});
