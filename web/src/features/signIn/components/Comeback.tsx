/** Signed in: on to where one wanted to go; or to the account, which says why a provider could not be added to it. */
import { useEffect } from 'react';

import { wantedPath } from '../../../routes';
import { useGo } from '../../../ui/Link';
import { problemOf } from '../providerProblem';

export function Comeback() {
  const go = useGo();
  useEffect(() => {
    const problem = problemOf(window.location.search);
    go(problem ? `/account?problem=${encodeURIComponent(problem)}` : wantedPath(window.location.search, window.location.origin));
  }, [go]);
  return null;
}
