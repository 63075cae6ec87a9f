/** A room that its host has to open first: asked again until they have. */
import { DoorClosed } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { LinkButton } from '../../../ui/LinkButton';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { PageMenus } from '../../settings/components/PageMenus';

const ASK_EVERY_MS = 4_000;

export function NotOpenYet({ onAsk }: { onAsk: () => void }) {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setInterval(onAsk, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [onAsk]);
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        icon={DoorClosed}
        title={t('end.room_not_open')}
        text={t('end.room_not_openText')}
        actions={<LinkButton href="/">{t('app.home')}</LinkButton>}
      />
    </Page>
  );
}
