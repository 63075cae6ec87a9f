import { expect, test } from 'vitest';

import { preferredPageLanguage } from '.';
import en from './en.json';
import vi from './vi.json';

type Texts = { [key: string]: string | Texts };

function flat(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}

const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

test('every text stands in both languages, with the same blanks to fill', () => {
  const english = flat(en);
  const vietnamese = new Map(flat(vi));

  expect([...vietnamese.keys()]).toEqual(english.map(([key]) => key));
  for (const [key, text] of english) expect([key, blanks(vietnamese.get(key) ?? '')]).toEqual([key, blanks(text)]);
});

test('no text shouts', () => {
  for (const [key, text] of [...flat(en), ...flat(vi)]) expect([key, text.includes('!')]).toEqual([key, false]);
});

test('the page speaks the first of its languages that the browser prefers', () => {
  expect(preferredPageLanguage(['fr-FR', 'vi-VN', 'en'])).toBe('vi');
  expect(preferredPageLanguage(['en-GB', 'vi'])).toBe('en');
  expect(preferredPageLanguage(['fr'])).toBe('en');
});
