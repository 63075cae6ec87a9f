/** Signed in: on to where one wanted to go. */
import { useEffect } from 'react';

import { wantedPath } from '../../../routes';
import { useGo } from '../../../ui/Link';

export function Comeback() {
  const go = useGo();
  useEffect(() => go(wantedPath(window.location.search, window.location.origin)), [go]);
  return null;
}
