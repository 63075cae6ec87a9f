/** What the line at the top says now, in words. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Choices, RoomInfo } from '../../../api/types';
import type { CallState } from '../../../call/callState';
import { AWAY_AFTER_MS, quietLine, type QuietLine } from '../../../call/quietLine';
import { useShownNames } from '../../people/names';
import { reachOf } from '../audience';

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
  const away = useLasts(!state.interpreterPresent && state.phase === 'connected', AWAY_AFTER_MS);
  const line = quietLine({
    me: state.people.find((person) => person.isLocal)?.identity ?? '',
    phase: state.phase,
    interpretation: (state.decided ?? room).interpretation,
    interpreterAwayMs: state.interpreterPresent ? null : away ? AWAY_AFTER_MS + 1 : 0,
    notices: state.notices,
    speakers: state.people
      .filter((person) => !person.isLocal && reachOf(person, choices, room.directions) === 'interpreted')
      .map((person) => person.identity),
    reads: choices.reads,
    listens: choices.listens,
    lagMs,
    voiceSkipped: useChangedLately(state.unvoiced.size, SKIPPED_SAID_MS),
  });
  if (!line) return null;
  if ('of' in line && line.of) return { kind: line.kind, text: t(`line.${line.kind}_of`, { names: listed(line.of.map((identity) => nameOf(identity))) }) };
  if (line.kind !== 'interpreting') return { kind: line.kind, text: t(`line.${line.kind}`) };
  const lag = new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(line.lagS);
  return { kind: line.kind, text: t('line.interpreting', { lag }) };
}

/** True once `condition` has held for `ms`. */
function useLasts(condition: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setLasts(true), ms);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [condition, ms]);
  return condition && lasts;
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
