/** Which page stands at this address, for whoever is signed in or not. The addresses are few, so there is no router. */
import { CloudOff, Compass, LoaderCircle, TriangleAlert } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { RoomPage } from './features/call/components/RoomPage';
import { Home } from './features/home/components/Home';
import { PageMenus } from './features/settings/components/PageMenus';
import { placeOf, type Place } from './routes';
import { useSession } from './session/useSession';
import { Button } from './ui/Button';
import { ErrorBoundary } from './ui/ErrorBoundary';
import { GoContext } from './ui/Link';
import { LinkButton } from './ui/LinkButton';
import { Page } from './ui/Page';
import { StatusPage } from './ui/StatusPage';

// A private server has none of these pages, and a guest sees none of them.
const SignedOutPages = lazy(() => import('./features/signIn/components/SignedOutPages').then((it) => ({ default: it.SignedOutPages })));
const AccountPages = lazy(() => import('./features/shell/components/AccountPages').then((it) => ({ default: it.AccountPages })));

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
  const go = useCallback((to: string) => {
    window.history.pushState('followed', '', to);
    setPath(window.location.pathname);
    window.scrollTo(0, 0);
  }, []);
  return (
    <GoContext value={go}>
      <At place={placeOf(path)} path={path} go={go} />
    </GoContext>
  );
}

function At({ place, path, go }: { place: Place; path: string; go: (path: string) => void }) {
  const { session, state } = useSession();
  // A call is open to guests: it waits for nobody's account.
  if (place.page === 'call') return <RoomPage key={place.room} room={place.room} />;
  if (place.page === 'nowhere') return <NotFound />;
  switch (state.phase) {
    case 'starting':
      return <Waiting />;
    case 'unreachable':
      return <Unreachable onRetry={() => void session.start()} />;
    case 'none':
      return place.page === 'home' ? <Home onOpenRoom={(id) => go(`/r/${id}`)} /> : <NotFound />;
    case 'signed_out':
      return (
        <Suspense fallback={<Waiting />}>
          <SignedOutPages place={place} path={path} site={state.site} ended={state.ended} />
        </Suspense>
      );
    case 'signed_in':
      return (
        <Suspense fallback={<Waiting />}>
          <AccountPages place={place} />
        </Suspense>
      );
  }
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

/** The frame alone: what comes is there in a moment. */
function Waiting() {
  const { t } = useTranslation();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 700);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      {isLong ? <StatusPage icon={LoaderCircle} title={t('app.loadingNow')} /> : null}
    </Page>
  );
}

function Unreachable({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        icon={CloudOff}
        title={t('end.unreachable')}
        text={t('end.unreachableText')}
        actions={
          <Button tone="primary" wide onPress={onRetry}>
            {t('app.tryAgain')}
          </Button>
        }
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
