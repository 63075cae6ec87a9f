/** Holds the preferences, remembers each change, and gives the page its appearance. */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';

import { readPreferences, writePreferences, type Preferences } from '../../../call/preferences';
import { PreferencesContext } from '../hooks/usePreferences';

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [preferences, setPreferences] = useState(() => readPreferences(localStorage));
  const change = useCallback((changes: Partial<Preferences>) => setPreferences((before) => ({ ...before, ...changes })), []);
  useEffect(() => writePreferences(localStorage, preferences), [preferences]);
  useEffect(() => {
    document.documentElement.dataset['theme'] = preferences.theme;
  }, [preferences.theme]);
  const store = useMemo(() => ({ preferences, change }), [preferences, change]);
  return <PreferencesContext value={store}>{children}</PreferencesContext>;
}
