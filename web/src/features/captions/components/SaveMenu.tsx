/** Keep the captions as a file. */
import { Download, FileText, Subtitles } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { CallSession } from '../../../call/callState';
import { ActionMenu } from '../../../ui/ActionMenu';
import { Button } from '../../../ui/Button';
import { useSaveCaptions } from '../hooks/useSaveCaptions';

export function SaveMenu({ session }: { session: CallSession }) {
  const { t } = useTranslation();
  const save = useSaveCaptions(session);
  return (
    <ActionMenu
      label={t('captions.save')}
      parts={[
        [
          { id: 'vtt', label: t('captions.saveVtt'), icon: <Subtitles aria-hidden />, onAction: () => save.as('vtt') },
          { id: 'txt', label: t('captions.saveTxt'), icon: <FileText aria-hidden />, onAction: () => save.as('txt') },
        ],
      ]}
    >
      <Button icon={<Download aria-hidden />} wide isDisabled={!save.possible}>
        {t('captions.save')}
      </Button>
    </ActionMenu>
  );
}
