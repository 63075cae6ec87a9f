import { describe, expect, test } from 'vitest';

import { isInterpreter, parseCaption } from './caption';

const ATTRIBUTES = {
  'lk.segment_id': '17.p-an-3.en',
  'lk.transcription_final': 'true',
  'dragoman.speaker': 'p-an',
  'dragoman.language': 'en',
  'dragoman.source_language': 'vi',
  'dragoman.seq': '4',
  'dragoman.epoch': '17',
  'dragoman.committed_chars': '6',
  'dragoman.lag_ms': '2100',
  'dragoman.start_s': '12.500',
  'dragoman.end_s': '13.250',
  'dragoman.untranslated': 'false',
};

describe('reading a text stream', () => {
  test('a caption of the interpreter is read in full', () => {
    const caption = parseCaption('Hello.', ATTRIBUTES);

    expect(caption).toEqual({
      segment: '17.p-an-3',
      speaker: 'p-an',
      language: 'en',
      sourceLanguage: 'vi',
      text: 'Hello.',
      final: true,
      seq: 4,
      epoch: 17,
      committedChars: 6,
      lagMs: 2_100,
      untranslated: false,
      original: null,
      gap: false,
      missedSeq: null,
      startS: 12.5,
      endS: 13.25,
    });
  });

  test('lost words and the speaker’s own words are told with the caption', () => {
    const lost = parseCaption('', { ...ATTRIBUTES, 'dragoman.gap': 'true', 'dragoman.original': 'Xin chào.' });

    expect(lost).toMatchObject({ text: '', gap: true, original: 'Xin chào.' });
  });

  test('a stream without speaker, language or segment is no caption', () => {
    for (const missing of ['dragoman.speaker', 'dragoman.language', 'lk.segment_id']) {
      expect(parseCaption('Hello.', { ...ATTRIBUTES, [missing]: '' })).toBeNull();
    }
  });

  test('numbers that are none count as not told', () => {
    const caption = parseCaption('Hello.', { ...ATTRIBUTES, 'dragoman.lag_ms': 'soon', 'dragoman.seq': '-3', 'dragoman.end_s': '' });

    expect(caption).toMatchObject({ lagMs: null, seq: 0, endS: null });
  });

  test('a text without end is refused', () => {
    expect(parseCaption('a'.repeat(5_001), ATTRIBUTES)).toBeNull();
  });
});

describe('who is believed', () => {
  test('the server-issued interpreter and its helpers are', () => {
    expect(isInterpreter({ identity: 'interpreter', isAgent: true })).toBe(true);
    expect(isInterpreter({ identity: 'interpreter-2', isAgent: true })).toBe(true);
  });

  test('a person who calls themselves interpreter, and any other agent, are not', () => {
    expect(isInterpreter({ identity: 'interpreter', isAgent: false })).toBe(false);
    expect(isInterpreter({ identity: 'interpreter-evil', isAgent: true })).toBe(false);
    expect(isInterpreter({ identity: 'recorder', isAgent: true })).toBe(false);
  });
});
