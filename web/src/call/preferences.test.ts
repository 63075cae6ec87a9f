import { expect, test } from 'vitest';

import {
  DEFAULTS,
  forgetHostSecrets,
  readHearings,
  readHostSecret,
  readKnown,
  readOwnSecret,
  readPreferences,
  writeHearings,
  writeHostSecret,
  writeKnown,
  writeOwnSecret,
  writePreferences,
} from './preferences';

test('what was chosen is there after a reload', () => {
  const chosen = { ...DEFAULTS, name: 'An', speaks: 'vi', consent: false, captionSize: 'L' as const, underDub: 0.4 };

  writePreferences(localStorage, chosen);

  expect(readPreferences(localStorage)).toEqual(chosen);
});

test('what somebody else wrote there does no harm', () => {
  localStorage.setItem('dragoman.preferences', '{"name": 5, "consent": "yes", "speaks": {"a": 1}, "underDub": 0.5}');

  expect(readPreferences(localStorage)).toEqual({ ...DEFAULTS, underDub: 0.5 });

  localStorage.setItem('dragoman.preferences', 'not json');

  expect(readPreferences(localStorage)).toEqual(DEFAULTS);
});

test('secrets belong to one room, and the oldest of many are forgotten', () => {
  for (let room = 0; room < 60; room += 1) writeHostSecret(localStorage, `room${String(room)}`, `secret${String(room)}`);
  writeOwnSecret(sessionStorage, 'room59', 'me');

  expect(readHostSecret(localStorage, 'room59')).toBe('secret59');
  expect(readHostSecret(localStorage, 'room0')).toBeNull();
  expect(readOwnSecret(sessionStorage, 'room59')).toBe('me');
  expect(readOwnSecret(sessionStorage, 'room58')).toBeNull();
});

test('host secrets of people are forgotten alone, and those of rooms of the moment only with all', () => {
  writeHostSecret(localStorage, 'lasting', 'u-lan.proof');
  writeHostSecret(localStorage, 'instant', 'proof');

  forgetHostSecrets(localStorage);
  const left = [readHostSecret(localStorage, 'lasting'), readHostSecret(localStorage, 'instant')];
  forgetHostSecrets(localStorage, { all: true });

  expect(left).toEqual([null, 'proof']);
  expect(localStorage.length).toBe(0);
});

test('who was seen in a room is known after a reload, in that room alone', () => {
  const known = new Map([['p-an', { name: 'An', colour: 3 }]]);

  writeKnown(sessionStorage, 'room1', known);

  expect(readKnown(sessionStorage, 'room1')).toEqual(known);
  expect(readKnown(sessionStorage, 'room2').size).toBe(0);
});

test('names that somebody else wrote there do no harm', () => {
  sessionStorage.setItem('dragoman.known.room1', '{"p-an": {"name": 5}, "p-eva": null, "p-ken": {"name": "Ken", "colour": 2}}');

  expect([...readKnown(sessionStorage, 'room1').keys()]).toEqual(['p-ken']);
});

test('what is heard of single speakers is known after a reload, in that room alone', () => {
  const hearings = new Map([['p-an', { mode: 'dub' as const, underDub: 0.4 }]]);

  writeHearings(sessionStorage, 'room1', hearings);

  expect(readHearings(sessionStorage, 'room1')).toEqual(hearings);
  expect(readHearings(sessionStorage, 'room2').size).toBe(0);
});

test('hearings that somebody else wrote there do no harm', () => {
  const written = { 'p-an': { mode: 'loud', underDub: 0.1 }, 'p-eva': { mode: 'dub', underDub: 7 }, 'p-ken': { mode: 'both', underDub: 1 }, 'p-lea': 5 };
  sessionStorage.setItem('dragoman.hearings.room1', JSON.stringify(written));

  expect([...readHearings(sessionStorage, 'room1').keys()]).toEqual(['p-ken']);
});
