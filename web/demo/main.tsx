/** The page with invented people: `npm run demo`, then `/demo.html?scene=call`. Never part of what is shipped. */
import '../src/ui/base.css';

import { createRoot } from 'react-dom/client';

import { App } from '../src/App';
import { PreferencesProvider } from '../src/features/settings/components/PreferencesProvider';
import { startTranslations } from '../src/i18n';
import { ServicesContext } from '../src/services';
import { Credentials } from '../src/session/credentials';
import { Session } from '../src/session/session';
import { FakeApi, ROOM } from '../src/testing/fakeApi';
import { playScene, roomOfScene, SCENES } from './scenes';

const wanted = new URLSearchParams(window.location.search);
const scene = wanted.get('scene') ?? 'home';
const language = wanted.get('lang') === 'vi' ? 'vi' : 'en';
const picked = SCENES[scene];

localStorage.setItem(
  'dragoman.preferences',
  JSON.stringify({
    name: scene === 'lobby' ? '' : 'Ben Carter',
    speaks: language === 'vi' ? 'vi' : 'en',
    reads: language,
    chosen: true,
    pageLanguage: language,
    cameraOn: !wanted.has('nocamera'),
    ...picked?.preferences,
  }),
);
if (picked?.host) localStorage.setItem('dragoman.hosted', JSON.stringify({ [ROOM.room]: 'host-secret' }));
window.history.replaceState(null, '', picked?.path ?? '/');

const api = new FakeApi(roomOfScene(scene), picked?.refusals ?? {});
const session = new Session({ api, credentials: new Credentials(), storage: localStorage });
void session.start();
await startTranslations(language);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <ServicesContext value={{ api, session, openCall: () => Promise.resolve(playScene(scene, language)) }}>
      <PreferencesProvider>
        <App />
      </PreferencesProvider>
    </ServicesContext>,
  );
}
