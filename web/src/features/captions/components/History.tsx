/** Everything that was said, in my language; it follows the latest unless somebody reads further up. */
import { ArrowDown, ScrollText } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { CallSession, CallState } from '../../../call/callState';
import type { CaptionSnapshot } from '../../../call/captionFeed';
import type { TranscriptLine } from '../../../call/captionStore';
import { directionOf, type LanguageCode } from '../../../call/languages';
import { Button } from '../../../ui/Button';
import { useShownNames } from '../../people/names';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { useFollow } from '../hooks/useFollow';
import styles from './History.module.css';
import { SaveMenu } from './SaveMenu';

interface HistoryProps {
  session: CallSession;
  captions: CaptionSnapshot;
  state: CallState;
  reads: LanguageCode | null;
}

export function History({ session, captions, state, reads }: HistoryProps) {
  const { t } = useTranslation();
  const { lines } = captions;
  const { list, behind, toLatest } = useFollow(lines.length);
  if (lines.length === 0) {
    const nothing = reads === null;
    return (
      <div className={styles.empty}>
        <ScrollText aria-hidden />
        <h3>{nothing ? t('captions.noLanguage') : t('captions.empty')}</h3>
        <p>{nothing ? t('captions.noLanguageText') : t('captions.emptyText')}</p>
      </div>
    );
  }
  return (
    <div className={styles.history}>
      {/* Scrollable by keyboard: hence the tab stop. */}
      <ol className={styles.lines} ref={list} tabIndex={0} aria-label={t('captions.history')}>
        {lines.map((line, index) => (
          <Line key={line.segment} line={line} state={state} follows={lines[index - 1]?.speaker === line.speaker} />
        ))}
      </ol>
      {behind ? (
        <div className={styles.latest}>
          <Button tone="primary" icon={<ArrowDown aria-hidden />} onPress={toLatest}>
            {t('captions.latest')}
          </Button>
        </div>
      ) : null}
      <footer className={styles.foot}>
        <SaveMenu session={session} />
      </footer>
    </div>
  );
}

function Line({ line, state, follows }: { line: TranscriptLine; state: CallState; follows: boolean }) {
  const { t } = useTranslation();
  const { preferences } = usePreferences();
  const { nameOf, colourOf } = useShownNames(state);
  const marks = [
    line.untranslated ? t('captions.untranslated') : null,
    state.unvoiced.has(line.segment) ? t('captions.unvoiced') : null,
  ].filter(Boolean);
  return (
    <li className={styles.line} data-colour={colourOf(line.speaker)} data-follows={follows || undefined}>
      {follows ? null : (
        <p className={styles.name}>
          <span className={styles.dot} aria-hidden />
          {nameOf(line.speaker, line.sourceLanguage)}
        </p>
      )}
      <p lang={line.language} dir={directionOf(line.language)}>
        {line.text}
        {line.gap ? <span className={styles.lost}> {t('captions.lostWords')}</span> : null}
      </p>
      {preferences.originalWords && line.original && line.original !== line.text ? (
        <p className={styles.original} lang={line.sourceLanguage} dir={directionOf(line.sourceLanguage)}>
          {line.original}
        </p>
      ) : null}
      {marks.length > 0 ? <p className={styles.mark}>{marks.join(' · ')}</p> : null}
    </li>
  );
}
