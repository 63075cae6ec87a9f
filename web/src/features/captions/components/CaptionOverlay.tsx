/**
 * Captions above the controls: at most two cues, the newest below; words that may still change are paler.
 *
 * For the eyes alone: screen readers are told by `CaptionLog.tsx`.
 */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { CallSession, CallState } from '../../../call/callState';
import type { CaptionSnapshot } from '../../../call/captionFeed';
import type { Cue } from '../../../call/captionStage';
import { directionOf, hasSpaces } from '../../../call/languages';
import { classes } from '../../../ui/classes';
import { useShownNames } from '../../people/names';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { useColumns } from '../hooks/useColumns';
import styles from './CaptionOverlay.module.css';

interface CaptionOverlayProps {
  session: CallSession;
  captions: CaptionSnapshot;
  state: CallState;
}

export function CaptionOverlay({ session, captions, state }: CaptionOverlayProps) {
  const { t } = useTranslation();
  const { preferences } = usePreferences();
  const place = useColumns(session, preferences.captionSize);
  useEffect(() => session.setShowOriginals(preferences.originalWords), [session, preferences.originalWords]);
  const { nameOf, colourOf } = useShownNames(state);
  return (
    <section className={styles.strip} data-alone={state.people.length < 2 || undefined} data-size={preferences.captionSize} aria-label={t('captions.overlay')}>
      <div className={styles.measure} ref={place} aria-hidden>
        <div className={styles.cues}>
          {captions.cues.map((cue, index) => (
            <CueBox
              key={cue.key}
              cue={cue}
              name={captions.cues[index - 1]?.speaker === cue.speaker ? null : nameOf(cue.speaker)}
              colour={colourOf(cue.speaker)}
              original={preferences.originalWords && cue.last ? (captions.originals.get(cue.segment) ?? null) : null}
              unvoiced={state.unvoiced.has(cue.segment)}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

interface CueBoxProps {
  cue: Cue;
  /** Null where the cue above has it already. */
  name: string | null;
  colour: number;
  original: string | null;
  unvoiced: boolean;
}

function CueBox({ cue, name, colour, original, unvoiced }: CueBoxProps) {
  const { t } = useTranslation();
  const marks = [cue.untranslated ? t('captions.untranslated') : null, unvoiced ? t('captions.unvoiced') : null].filter(Boolean);
  return (
    <div className={styles.cue} data-colour={colour} data-testid="cue">
      {name !== null || marks.length > 0 ? (
        <p className={styles.head}>
          <span className={styles.name}>{name}</span>
          {marks.length > 0 ? <span className={styles.mark}>{marks.join(' · ')}</span> : null}
        </p>
      ) : null}
      <p className={styles.words} lang={cue.language} dir={directionOf(cue.language)}>
        {cue.lines.map((line, index) => (
          <span key={index} className={styles.line}>
            {line.committed}
            {line.provisional ? <span className={styles.provisional}>{line.provisional}</span> : null}
            {index + 1 < cue.lines.length && hasSpaces(cue.language) ? ' ' : null}
          </span>
        ))}
        {cue.gap ? <span className={styles.lost}>{t('captions.lostWords')}</span> : null}
      </p>
      {original ? (
        <p className={classes(styles.original)}>
          <span lang={cue.sourceLanguage} dir={directionOf(cue.sourceLanguage)}>
            {original}
          </span>
        </p>
      ) : null}
    </div>
  );
}
