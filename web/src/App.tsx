/** Which page stands at this address. Three are all there is, so there is no router. */
import { Compass, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { RoomPage } from './features/call/components/RoomPage';
import { Home } from './features/home/components/Home';
import { PageMenus } from './features/settings/components/PageMenus';
import { roomOfPath } from './routes';
import { LinkButton } from './ui/LinkButton';
import { Button } from './ui/Button';
import { ErrorBoundary } from './ui/ErrorBoundary';
import { Page } from './ui/Page';
import { StatusPage } from './ui/StatusPage';

export function App() {
  return (
    <ErrorBoundary fallback={<Fault />}>
      <Pages />
    </ErrorBoundary>
  );
}

function Pages() {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => {
    const follow = () => setPath(window.location.pathname);
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  const go = (to: string) => {
    window.history.pushState(null, '', to);
    setPath(to);
  };
  const room = roomOfPath(path);
  if (room) return <RoomPage key={room} room={room} />;
  return path === '/' ? <Home onOpenRoom={(id) => go(`/r/${id}`)} /> : <NotFound />;
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        icon={Compass}
        title={t('end.notFound')}
        text={t('end.notFoundText')}
        actions={<LinkButton href="/">{t('app.home')}</LinkButton>}
      />
    </Page>
  );
}

function Fault() {
  const { t } = useTranslation();
  return (
    <Page name={t('app.name')} menus={null}>
      <StatusPage
        icon={TriangleAlert}
        title={t('end.unknown')}
        text={t('end.unknownText')}
        actions={
          <Button tone="primary" wide onPress={() => window.location.reload()}>
            {t('app.tryAgain')}
          </Button>
        }
      />
    </Page>
  );
}
