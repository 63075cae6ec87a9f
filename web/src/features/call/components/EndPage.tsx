/** The call is over for this page: why, and what can be done. */
import { CloudOff, DoorClosed, DoorOpen, Download, Lock, MonitorSmartphone, PhoneOff, UserX, UsersRound } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { CallSession, EndReason } from '../../../call/callState';
import { Button } from '../../../ui/Button';
import { LinkButton } from '../../../ui/LinkButton';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { useSaveCaptions } from '../../captions/hooks/useSaveCaptions';
import { PageMenus } from '../../settings/components/PageMenus';

const ICONS: Record<EndReason, LucideIcon> = {
  left: DoorOpen,
  ended_by_host: PhoneOff,
  removed: UserX,
  elsewhere: MonitorSmartphone,
  room_gone: DoorClosed,
  room_full: UsersRound,
  room_locked: Lock,
  not_allowed: UserX,
  lost: CloudOff,
};

const MAY_RETURN: EndReason[] = ['left', 'elsewhere', 'room_full', 'room_locked', 'lost'];

interface EndPageProps {
  end: EndReason;
  session: CallSession;
  onAgain: () => void;
  onLobby: () => void;
}

export function EndPage({ end, session, onAgain, onLobby }: EndPageProps) {
  const { t } = useTranslation();
  const save = useSaveCaptions(session);
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        takesFocus
        icon={ICONS[end]}
        title={t(`end.${end}`)}
        text={t(`end.${end}Text`)}
        actions={
          <>
            {MAY_RETURN.includes(end) ? (
              <Button tone="primary" wide onPress={end === 'left' ? onLobby : onAgain}>
                {end === 'elsewhere' ? t('end.useHere') : t('end.rejoin')}
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
