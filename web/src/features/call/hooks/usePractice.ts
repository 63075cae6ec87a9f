/** Ask for a participant who speaks a recording, in a language that is interpreted for me. */
import { useEffect, useState } from 'react';

import type { Choices, Direction, RoomInfo, Ticket } from '../../../api/types';
import type { LanguageCode } from '../../../call/languages';
import { useServices } from '../../../services';

/** How long it is said that a practice speaker is on the way: by then they are there. */
const SAID_MS = 6_000;

export interface Practice {
  add: () => void;
  asking: boolean;
  outcome: 'added' | 'failed' | null;
  forget: () => void;
}

export function usePractice(room: RoomInfo, ticket: Ticket, choices: Choices): Practice {
  const { api } = useServices();
  const [asking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState<Practice['outcome']>(null);
  useEffect(() => {
    if (outcome !== 'added') return;
    const timer = setTimeout(() => setOutcome(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const add = () => {
    setAsking(true);
    setOutcome(null);
    api
      .addPracticeSpeaker(room.room, ticket, practiceLanguage(room.directions, choices.reads))
      .then(
        () => setOutcome('added'),
        () => setOutcome('failed'),
      )
      .finally(() => setAsking(false));
  };
  return { add, asking, outcome, forget: () => setOutcome(null) };
}

/** English if that is interpreted for this reader, else whatever is; English where nothing is. */
export function practiceLanguage(directions: readonly Direction[], reads: LanguageCode | null): LanguageCode {
  const sources = directions.filter((direction) => direction.target === reads).map((direction) => direction.source);
  return sources.includes('en') ? 'en' : (sources[0] ?? 'en');
}
