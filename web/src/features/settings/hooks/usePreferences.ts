/** What this browser remembers, and how to change it. `PreferencesProvider` holds it for the whole page. */
import { createContext, use } from 'react';

import type { Preferences } from '../../../call/preferences';

export interface PreferencesStore {
  preferences: Preferences;
  change: (change: Partial<Preferences>) => void;
}

export const PreferencesContext = createContext<PreferencesStore | null>(null);

export function usePreferences(): PreferencesStore {
  const store = use(PreferencesContext);
  if (!store) throw new Error('no preferences: wrap this in PreferencesProvider');
  return store;
}
