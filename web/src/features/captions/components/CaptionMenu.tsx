/** How captions look, where the older ones are, and how to keep them. */
import { Download, ScrollText } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { CallSession, CallState } from '../../../call/callState';
import type { CaptionSnapshot } from '../../../call/captionFeed';
import type { CaptionSize } from '../../../call/preferences';
import { Button } from '../../../ui/Button';
import { Choice } from '../../../ui/Choice';
import { Toggle } from '../../../ui/Toggle';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { useSaveCaptions } from '../hooks/useSaveCaptions';
import styles from './CaptionMenu.module.css';

interface CaptionMenuProps {
  session: CallSession;
  captions: CaptionSnapshot;
  state: CallState;
  onHistory: () => void;
}

export function CaptionMenu({ session, onHistory }: CaptionMenuProps) {
  const { t } = useTranslation();
  const { preferences, change } = usePreferences();
  const save = useSaveCaptions(session);
  const sizes: { value: CaptionSize; label: string }[] = [
    { value: 'S', label: t('captions.sizeS') },
    { value: 'M', label: t('captions.sizeM') },
    { value: 'L', label: t('captions.sizeL') },
  ];
  return (
    <>
      <div>
        <Toggle label={t('captions.show')} isSelected={preferences.captionsOn} onChange={(captionsOn) => change({ captionsOn })} />
        <Toggle label={t('captions.original')} isSelected={preferences.originalWords} onChange={(originalWords) => change({ originalWords })} />
      </div>
      <Choice label={t('captions.size')} options={sizes} value={preferences.captionSize} onChange={(captionSize) => change({ captionSize })} />
      <Button slot="close" icon={<ScrollText aria-hidden />} wide onPress={onHistory}>
        {t('captions.history')}
      </Button>
      <div className={styles.save}>
        <Button icon={<Download aria-hidden />} isDisabled={!save.possible} onPress={() => save.as('vtt')}>
          {t('captions.saveVtt')}
        </Button>
        <Button icon={<Download aria-hidden />} isDisabled={!save.possible} onPress={() => save.as('txt')}>
          {t('captions.saveTxt')}
        </Button>
      </div>
      <p className={styles.note}>{t('captions.saveNote')}</p>
    </>
  );
}
