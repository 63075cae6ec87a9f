/** The page begins here: texts, preferences, the API, and LiveKit only when a call is opened. */
import './ui/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { createApi } from './api/client';
import { App } from './App';
import { readPreferences } from './call/preferences';
import { PreferencesProvider } from './features/settings/components/PreferencesProvider';
import { preferredPageLanguage, startTranslations } from './i18n';
import { ServicesContext, type Services } from './services';
import { Credentials } from './session/credentials';
import { Session } from './session/session';

const credentials = new Credentials();
const api = createApi((...request) => fetch(...request), credentials);
const services: Services = {
  api,
  session: new Session({ api, credentials, storage: localStorage }),
  openCall: async (options) => {
    const { LiveKitCall } = await import('./call/liveKitCall');
    const call = new LiveKitCall(options);
    void call.start();
    return call;
  },
};

async function start(): Promise<void> {
  void services.session.start();
  const chosen = readPreferences(localStorage).pageLanguage;
  await startTranslations(chosen ?? preferredPageLanguage(navigator.languages));
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no element "root"');
  createRoot(root).render(
    <StrictMode>
      <ServicesContext value={services}>
        <PreferencesProvider>
          <App />
        </PreferencesProvider>
      </ServicesContext>
    </StrictMode>,
  );
}

void start();
