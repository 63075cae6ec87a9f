/** Before a room with a lobby: the host decides, and this page goes on by itself. */
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Wait } from '../../../call/waitingRoom';
import { Button } from '../../../ui/Button';
import { Notice } from '../../../ui/Notice';
import { Page } from '../../../ui/Page';
import { StatusPage } from '../../../ui/StatusPage';
import { PageMenus } from '../../settings/components/PageMenus';

export function WaitingRoom({ wait, title, onLeave }: { wait: Wait; title: string; onLeave: () => void }) {
  const { t } = useTranslation();
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <StatusPage
        takesFocus
        icon={Hourglass}
        title={t('waiting.title')}
        text={t('waiting.text')}
        actions={
          <>
            {title ? <p><bdi>{title}</bdi></p> : null}
            <p role="status">{wait.position ? t('waiting.position', { position: wait.position }) : ''}</p>
            {wait.answered ? null : <Notice tone="warning">{t('waiting.unanswered')}</Notice>}
            <Button wide onPress={onLeave}>
              {t('waiting.leave')}
            </Button>
          </>
        }
      />
    </Page>
  );
}
