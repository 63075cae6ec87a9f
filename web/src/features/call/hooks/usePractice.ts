/** Ask for a participant who speaks a recording, in a language that is interpreted for me. */
import { useEffect, useState } from 'react';

import type { Choices, Direction, RoomInfo } from '../../../api/types';
import type { LanguageCode } from '../../../call/languages';
import { useServices } from '../../../services';
import type { OwnTicket } from '../ownTicket';

/** Who is not there by then is not coming. */
const AWAITED_MS = 30_000;

export interface Practice {
  add: () => void;
  asking: boolean;
  /** One was promised and is not there yet. */
  onTheWay: boolean;
  failed: boolean;
  forget: () => void;
}

/** `others` are how many other people are in the call: one more, and the speaker is there. */
export function usePractice(room: RoomInfo, ticket: OwnTicket, choices: Choices, others: number): Practice {
  const { api } = useServices();
  const [asking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState<'added' | 'failed' | null>(null);
  const [othersBefore, setOthersBefore] = useState(0);
  useEffect(() => {
    if (outcome !== 'added') return;
    const timer = setTimeout(() => setOutcome(null), AWAITED_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const add = () => {
    setAsking(true);
    setOutcome(null);
    setOthersBefore(others);
    api
      .addPracticeSpeaker(room.room, ticket.get(), practiceLanguage(room.directions, choices.reads))
      .then(
        () => setOutcome('added'),
        () => setOutcome('failed'),
      )
      .finally(() => setAsking(false));
  };
  // Who has come and goes again is not on the way once more.
  if (outcome === 'added' && others > othersBefore) setOutcome(null);
  const onTheWay = outcome === 'added';
  return { add, asking, onTheWay, failed: outcome === 'failed', forget: () => setOutcome(null) };
}

/** English if that is interpreted for this reader, else whatever is; English where nothing is. */
export function practiceLanguage(directions: readonly Direction[], reads: LanguageCode | null): LanguageCode {
  const sources = directions.filter((direction) => direction.target === reads).map((direction) => direction.source);
  return sources.includes('en') ? 'en' : (sources[0] ?? 'en');
}
