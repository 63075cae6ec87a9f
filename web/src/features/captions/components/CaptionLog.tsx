/** What is final, for screen readers: each line once and politely, also while captions are hidden. Beside `CaptionOverlay.tsx`. */
import { useTranslation } from 'react-i18next';

import type { CallState } from '../../../call/callState';
import type { CaptionSnapshot } from '../../../call/captionFeed';
import { directionOf } from '../../../call/languages';
import { useShownNames } from '../../people/names';

export function CaptionLog({ captions, state }: { captions: CaptionSnapshot; state: CallState }) {
  const { t } = useTranslation();
  const { nameOf } = useShownNames(state);
  return (
    <div className="visuallyHidden" role="log" aria-live="polite" aria-atomic="false" aria-label={t('captions.log')}>
      {captions.announced.map(({ number, line }) => (
        <p key={number}>
          {`${nameOf(line.speaker)}: `}
          <span lang={line.language} dir={directionOf(line.language)}>
            {line.text}
          </span>
          {line.gap ? `${line.text ? ' ' : ''}${t('captions.lostWords')}` : null}
        </p>
      ))}
    </div>
  );
}
