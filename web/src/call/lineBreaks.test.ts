import { describe, expect, test } from 'vitest';

import { breakLines, columnsOf } from './lineBreaks';

const split = (text: string, columns: number, language: string) =>
  breakLines(text, columns, language).map(({ start, end }) => text.slice(start, end));

describe('breaking lines', () => {
  test('lines break between words and are at most so wide', () => {
    const lines = split('The second warehouse opens in March, two weeks earlier than we thought.', 30, 'en');

    expect(lines).toEqual(['The second warehouse opens in', 'March, two weeks earlier than', 'we thought.']);
  });

  test('Vietnamese breaks between syllables and counts letters, not their marks', () => {
    const lines = split('Nhà kho thứ hai mở cửa vào tháng ba', 20, 'vi');

    expect(lines).toEqual(['Nhà kho thứ hai mở', 'cửa vào tháng ba']);
    expect(columnsOf('thứ'.normalize('NFD'))).toBe(3);
  });

  test('Japanese without spaces breaks by words, wide letters count double, no line begins with a full stop', () => {
    const lines = split('第二倉庫は三月に開きます。予定より二週間早いです。', 20, 'ja');

    expect(lines.join('')).toBe('第二倉庫は三月に開きます。予定より二週間早いです。');
    for (const line of lines) {
      expect(columnsOf(line)).toBeLessThanOrEqual(22);
      expect(line.startsWith('。')).toBe(false);
    }
  });

  test('Thai without spaces is broken too', () => {
    const text = 'คลังสินค้าแห่งที่สองเปิดในเดือนมีนาคมเร็วกว่าที่คิดไว้สองสัปดาห์';

    const lines = split(text, 20, 'th');

    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join('')).toBe(text);
  });

  test('a word longer than a line is cut, and nothing is lost', () => {
    const lines = split('x'.repeat(25), 10, 'en');

    expect(lines).toEqual(['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
  });

  test('nothing gives no lines', () => {
    expect(breakLines('   ', 20, 'en')).toEqual([]);
  });
});
