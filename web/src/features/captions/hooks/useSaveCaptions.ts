/** Makes a file of the captions in this browser and hands it over as a download. */
import { useTranslation } from 'react-i18next';

import type { CallSession } from '../../../call/callState';
import { writeTxt, writeVtt } from '../../../call/captionExport';
import { download } from '../../../ui/download';
import { useShownNames } from '../../people/names';
import { useCaptions } from '../../call/hooks/useCallState';

export interface SaveCaptions {
  possible: boolean;
  as: (format: 'vtt' | 'txt') => void;
}

export function useSaveCaptions(session: CallSession): SaveCaptions {
  const { t } = useTranslation();
  const { lines } = useCaptions(session);
  const { nameOf } = useShownNames(session.getState());
  const as = (format: 'vtt' | 'txt') => {
    const write = format === 'vtt' ? writeVtt : writeTxt;
    const text = write(lines, { nameOf, beganAtMs: session.beganAtMs, lostWords: t('captions.lostWords') });
    const day = new Date().toISOString().slice(0, 16).replace('T', '-').replace(':', '');
    download(new Blob([text], { type: format === 'vtt' ? 'text/vtt' : 'text/plain;charset=utf-8' }), `dragoman-${day}.${format}`);
  };
  return { possible: lines.length > 0, as };
}
