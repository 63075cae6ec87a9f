/** One room from its link to its end: looking, lobby, call, and why it is over. */
import { lazy, Suspense, useEffect } from 'react';
import { CloudOff, LoaderCircle, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { readHostSecret } from '../../../call/preferences';
import { Button } from '../../../ui/Button';
import { LinkButton } from '../../../ui/LinkButton';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { Lobby } from '../../lobby/components/Lobby';
import { NotOpenYet } from '../../lobby/components/NotOpenYet';
import { WaitingRoom } from '../../lobby/components/WaitingRoom';
import { PageMenus } from '../../settings/components/PageMenus';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { useReturn } from '../hooks/useReturn';
import { useRoomVisit } from '../hooks/useRoomVisit';

// LiveKit is most of what is loaded: it comes while somebody is still in the lobby.
const loadCall = () => import('./Call');
const Call = lazy(() => loadCall().then((module) => ({ default: module.Call })));

export function RoomPage({ room }: { room: string }) {
  const { t } = useTranslation();
  const { preferences } = usePreferences();
  const visit = useRoomVisit(room);
  useEffect(() => void loadCall(), []);
  const { info, refusal, call } = visit;

  if (refusal === 'room_not_found') {
    return (
      <Page name={t('app.name')} menus={<PageMenus />}>
        <StatusPage
          icon={SearchX}
          title={t('end.room_gone')}
          text={t('end.room_goneText')}
          actions={<LinkButton href="/">{t('app.home')}</LinkButton>}
        />
      </Page>
    );
  }
  if (refusal === 'room_not_open') return <NotOpenYet onAsk={visit.ask} />;
  if (refusal) return <Unreachable code={refusal} onRetry={visit.look} />;
  if (!info) return <Waiting />;
  if (visit.wait) return <WaitingRoom wait={visit.wait} title={info.title} onLeave={visit.leaveLine} />;
  if (!call) {
    return (
      <Lobby
        room={info}
        joining={visit.joining}
        fault={visit.fault}
        onJoin={(name, choices) => void visit.join(name, choices, preferences)}
      />
    );
  }
  return (
    <Suspense fallback={<Waiting />}>
      <Call
        key={call.ticket.first.token}
        room={info}
        call={call}
        hostSecret={readHostSecret(localStorage, room)}
        again={{
          join: () => void visit.join(call.ticket.get().name, call.latest(), preferences),
          comeBack: () => void visit.comeBack(call.ticket.get().name, call.latest(), preferences),
          joining: visit.joining,
          fault: visit.fault,
        }}
        onLobby={visit.reset}
      />
    </Suspense>
  );
}

function Unreachable({ code, onRetry }: { code: string; onRetry: () => void }) {
  const { t } = useTranslation();
  useReturn(true, onRetry);
  const kind = code === 'unreachable' || code === 'too_many_requests' ? code : 'unknown';
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        icon={CloudOff}
        title={t(`end.${kind}`)}
        text={t(`end.${kind}Text`)}
        actions={
          <Button tone="primary" wide onPress={onRetry}>
            {t('app.tryAgain')}
          </Button>
        }
      />
    </Page>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage icon={LoaderCircle} title={`${t('app.loading')} …`} />
    </Page>
  );
}
