import { describe, expect, test } from 'vitest';

import { placeOf, signInPath, wantedPath } from './routes';

const HERE = 'https://calls.example';

describe('addresses', () => {
  test('each page has its own, with or without a stroke at the end', () => {
    expect(['/', '/team/', '/account', '/nowhere'].map((path) => placeOf(path).page)).toEqual(['home', 'team', 'account', 'nowhere']);
    expect(placeOf('/rooms/AbC_-123')).toEqual({ page: 'room', room: 'AbC_-123' });
    expect(placeOf('/r/AbC_-123')).toEqual({ page: 'call', room: 'AbC_-123' });
  });

  test('who had to sign in comes back to where they wanted to go', () => {
    expect(wantedPath(new URL(signInPath('/rooms/abcd'), HERE).search, HERE)).toBe('/rooms/abcd');
  });

  test.each(['//evil.example/', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)', '/sign-in', '/api/v1/me', 'account', '/%2F/evil'])(
    'nobody is led away by %s',
    (to) => {
      expect(wantedPath(`?${new URLSearchParams({ to }).toString()}`, HERE)).toBe('/');
    },
  );
});
