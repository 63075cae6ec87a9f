/** My languages and consent during a call: heard and seen at once, then told to the server, taken back if refused. */
import { useState } from 'react';

import type { Choices, RoomInfo } from '../../../api/types';
import { useServices } from '../../../services';
import { usePreferences } from '../../settings/hooks/usePreferences';
import type { JoinedCall } from './useRoomVisit';
import { asChoice, asPreferences, resolve, type LanguageChoice } from '../../settings/languageChoice';

export interface ChoicesInCall {
  choice: LanguageChoice;
  choices: Choices;
  saving: boolean;
  changeLanguages: (choice: LanguageChoice) => void;
  changeConsent: (consent: boolean) => void;
}

export function useChoices(room: RoomInfo, { session, ticket, remember }: JoinedCall): ChoicesInCall {
  const { api } = useServices();
  const { preferences, change } = usePreferences();
  const [choices, setChoices] = useState(ticket.choices);
  const [choice, setChoice] = useState(() => asChoice(ticket.choices, preferences.listens));
  const [saving, setSaving] = useState(false);

  const send = async (wanted: Partial<Choices>) => {
    const before = { choices, choice };
    const apply = (now: Choices) => {
      setChoices(now);
      session.setLanguages({ reads: now.reads, listens: now.listens, voice: now.voice });
    };
    apply({ ...choices, ...wanted });
    setSaving(true);
    session.dismiss('choice_failed');
    try {
      const counted = await api.changeChoices(room.room, ticket, wanted);
      remember(counted);
      apply(counted);
    } catch {
      apply(before.choices);
      setChoice(before.choice);
      session.addHint('choice_failed');
    } finally {
      setSaving(false);
    }
  };
  return {
    choice,
    choices,
    saving,
    changeLanguages: (next) => {
      setChoice(next);
      change(asPreferences(next));
      void send(resolve(next, room));
    },
    changeConsent: (consent) => {
      change({ consent });
      void send({ consent });
    },
  };
}
