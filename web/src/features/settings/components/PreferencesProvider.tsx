/** Holds the preferences, remembers each change, and gives the page its appearance and its way of writing numbers. */
import { I18nProvider } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';

import { readPreferences, writePreferences, type Preferences } from '../../../call/preferences';
import { PreferencesContext } from '../hooks/usePreferences';

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const [preferences, setPreferences] = useState(() => readPreferences(localStorage));
  const change = useCallback((changes: Partial<Preferences>) => setPreferences((before) => ({ ...before, ...changes })), []);
  useEffect(() => writePreferences(localStorage, preferences), [preferences]);
  useEffect(() => {
    document.documentElement.dataset['theme'] = preferences.theme;
  }, [preferences.theme]);
  const store = useMemo(() => ({ preferences, change }), [preferences, change]);
  return (
    <I18nProvider locale={i18n.language}>
      <PreferencesContext value={store}>{children}</PreferencesContext>
    </I18nProvider>
  );
}
