/** The call is over for this page: why, and what can be done. */
import { CloudOff, DoorClosed, DoorOpen, Download, Lock, MonitorSmartphone, PhoneOff, TimerOff, UserX, UsersRound } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { CallSession, EndReason } from '../../../call/callState';
import { Button } from '../../../ui/Button';
import { LinkButton } from '../../../ui/LinkButton';
import { Notice } from '../../../ui/Notice';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { useFaultText } from '../hooks/useFaultText';
import { useReturn } from '../hooks/useReturn';
import { useSaveCaptions } from '../../captions/hooks/useSaveCaptions';
import { PageMenus } from '../../settings/components/PageMenus';

const ICONS: Record<EndReason, LucideIcon> = {
  left: DoorOpen,
  ended_by_host: PhoneOff,
  ended_by_plan: TimerOff,
  removed: UserX,
  elsewhere: MonitorSmartphone,
  room_gone: DoorClosed,
  room_full: UsersRound,
  room_full_by_plan: UsersRound,
  room_locked: Lock,
  lobby_refused: UserX,
  not_allowed: UserX,
  lost: CloudOff,
};

const MAY_RETURN: EndReason[] = ['left', 'elsewhere', 'room_full', 'room_full_by_plan', 'room_locked', 'lobby_refused', 'lost'];

/** Where the link stays good. */
const MAY_BEGIN_ANOTHER: EndReason[] = ['ended_by_plan', 'room_gone'];

export interface Again {
  join: () => void;
  /** By itself, with the network: never into another call. */
  comeBack: () => void;
  joining: boolean;
  /** Code of why it was refused. */
  fault: string | null;
}

interface EndPageProps {
  end: EndReason;
  /** The room's link stays good: who comes again begins another call. */
  lasts: boolean;
  session: CallSession;
  again: Again;
  onLobby: () => void;
}

export function EndPage({ end, lasts, session, again, onLobby }: EndPageProps) {
  const { t } = useTranslation();
  const words = lasts && end === 'room_gone' ? 'call_over' : end;
  const faultText = useFaultText(again.fault);
  const save = useSaveCaptions(session);
  useReturn(end === 'lost' && !again.joining, again.comeBack);
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        takesFocus
        icon={ICONS[end]}
        title={t(`end.${words}`)}
        text={t(`end.${words}Text`)}
        actions={
          <>
            {again.fault ? <Notice tone="danger">{faultText}</Notice> : null}
            {MAY_RETURN.includes(end) || (lasts && MAY_BEGIN_ANOTHER.includes(end)) ? (
              <Button tone="primary" wide isDisabled={again.joining} onPress={end === 'left' ? onLobby : again.join}>
                {again.joining ? t('end.returning') : end === 'elsewhere' ? t('end.useHere') : t('end.rejoin')}
              </Button>
            ) : null}
            {save.possible ? (
              <Button icon={<Download aria-hidden />} wide onPress={() => save.as('vtt')}>
                {t('end.saveCaptions')}
              </Button>
            ) : null}
            <LinkButton href="/">{t('end.newCall')}</LinkButton>
          </>
        }
      />
    </Page>
  );
}
