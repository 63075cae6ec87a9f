/** What the line at the top says now, in words. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Choices, RoomInfo } from '../../../api/types';
import { plannedAudience, plannedReach } from '../../../call/audience';
import type { CallState } from '../../../call/callState';
import { AWAY_AFTER_MS, quietLine, type QuietLine } from '../../../call/quietLine';
import { useShownNames } from '../../people/names';
import { useInterpreting } from './useInterpreting';

/** How long it is said that voice was left out. */
const SKIPPED_SAID_MS = 8_000;

export interface QuietText {
  kind: QuietLine['kind'] | 'practice';
  text: string;
}

export function useQuietLine(state: CallState, choices: Choices, room: RoomInfo, lagMs: number | null): QuietText | null {
  const { t, i18n } = useTranslation();
  const { nameOf } = useShownNames(state);
  const listed = (names: string[]) => new Intl.ListFormat(i18n.language).format(names);
  const { on, present, directions } = useInterpreting(state, room);
  const me = state.people.find((person) => person.isLocal);
  const others = state.people.filter((person) => !person.isLocal);
  // Of a language that is translated into none here, nobody misses an interpreter.
  const audience = me && directions.some(({ source }) => source === me.speaks) ? plannedAudience(me, others, directions) : null;
  const line = quietLine({
    me: me?.identity ?? '',
    phase: state.phase,
    interpretation: on,
    interpreterAwayMs: state.interpreterPresent ? null : present ? 0 : AWAY_AFTER_MS + 1,
    notices: state.notices,
    speakers: others
      .filter((person) => plannedReach(person, choices, directions) === 'interpreted')
      .map((person) => person.identity),
    audience: audience ? [...audience.reads, ...audience.hears] : [],
    reads: choices.reads,
    listens: choices.listens,
    lagMs,
    voiceSkipped: useChangedLately(state.unvoiced.size, SKIPPED_SAID_MS),
  });
  if (!line) return null;
  const ownAlone = 'of' in line && line.of?.length === 1 && line.of[0] === me?.identity;
  if (ownAlone && (line.kind === 'original_only' || line.kind === 'untranslated')) {
    return { kind: line.kind, text: t(`line.${line.kind}_me`) };
  }
  if ('of' in line && line.of) return { kind: line.kind, text: t(`line.${line.kind}_of`, { names: listed(line.of.map((identity) => nameOf(identity))) }) };
  if (line.kind !== 'interpreting') return { kind: line.kind, text: t(`line.${line.kind}`) };
  const lag = new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(line.lagS);
  return { kind: line.kind, text: t('line.interpreting', { lag }) };
}

/** True for `ms` after `value` has changed. */
function useChangedLately(value: number, ms: number): boolean {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return;
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, settled, ms]);
  return value !== settled;
}
