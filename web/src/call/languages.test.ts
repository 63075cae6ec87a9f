import { expect, test } from 'vitest';

import { directionOf, firstThatWorks, fold, listLanguages, nameInText, ownName } from './languages';

const option = (code: string, works = true) => ({ code, works, reason: works ? '' : 'not_translated' });

test('a language stands with its own name and the reader’s', () => {
  const [vietnamese] = listLanguages([option('vi')], 'en');
  const [own] = listLanguages([option('vi')], 'vi');

  expect(vietnamese).toMatchObject({ ownName: 'Tiếng Việt', readersName: 'Vietnamese' });
  expect(own?.readersName).toBe('');
});

test('what works comes first, the rest keeps its reason', () => {
  const list = listLanguages([option('de', false), option('vi'), option('en')], 'en');

  expect(list.map((entry) => entry.code)).toEqual(['en', 'vi', 'de']);
  expect(list[2]?.reason).toBe('not_translated');
});

test('a language is found by its own name, the reader’s or the English one, with or without marks', () => {
  const [vietnamese] = listLanguages([option('vi')], 'fr');

  for (const typed of ['tiếng', 'tieng viet', 'Vietnamien', 'vietnamese', 'VI']) {
    expect(vietnamese?.searchText).toContain(fold(typed));
  }
  expect(fold('Đ')).toBe('d');
});

test('who has not chosen gets the browser’s first language that works', () => {
  const options = [option('en'), option('vi', false), option('es')];

  expect(firstThatWorks(options, ['vi-VN', 'es-MX', 'en'])).toBe('es');
  expect(firstThatWorks(options, ['th'])).toBeNull();
});

test('names begin as their language wants it', () => {
  expect(ownName('es')).toBe('Español');
  expect(ownName('zh')).toBe('中文');
  expect(nameInText('en', 'vi')).toBe('tiếng Anh');
  expect(directionOf('ar')).toBe('rtl');
});
