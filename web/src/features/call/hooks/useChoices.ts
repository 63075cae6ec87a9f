/**
 * My languages and consent during a call: heard and seen at once, then told to the server, taken back if refused. Only
 * consent that is withdrawn is never taken back: it is told until the server has it (`tellUntilTaken.ts`).
 */
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Choices, RoomInfo } from '../../../api/types';
import { tellUntilTaken } from '../../../call/tellUntilTaken';
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

export function useChoices(room: RoomInfo, { session, ticket, remember, latest }: JoinedCall): ChoicesInCall {
  const { api } = useServices();
  const { preferences, change } = usePreferences();
  const [choices, setChoices] = useState(latest);
  const [choice, setChoice] = useState(() => asChoice(choices, preferences.listens));
  const [saving, setSaving] = useState(false);
  const shown = useRef(choices);
  const counted = useRef(choices);
  const withdrawal = useRef<AbortController | null>(null);
  const stopWithdrawing = useCallback(() => withdrawal.current?.abort(), []);
  useEffect(() => stopWithdrawing, [stopWithdrawing]);

  const show = (now: Partial<Choices>) => {
    shown.current = { ...shown.current, ...now };
    setChoices(shown.current);
    session.setLanguages({ reads: shown.current.reads, listens: shown.current.listens, voice: shown.current.voice });
  };
  /* Two changes may be on their way at once. Each answer counts for what was asked in it: consent that was withdrawn
     does not come back with the answer to a language, or with its refusal. */
  const send = async (wanted: Partial<Choices>, takeBack?: () => void) => {
    const before = withdrawal.current;
    const asked = () => (withdrawal.current === before ? wanted : withoutConsent(wanted));
    show(wanted);
    setSaving(true);
    session.dismiss('choice_failed');
    try {
      const answered = await api.changeChoices(room.room, ticket.get(), wanted);
      const readBefore = counted.current.reads;
      counted.current = { ...counted.current, ...likeIn(asked(), answered) };
      remember(counted.current);
      if (counted.current.reads !== readBefore) session.languageCounts();
    } catch {
      takeBack?.();
      session.addHint('choice_failed');
    } finally {
      show(likeIn(asked(), counted.current));
      setSaving(false);
    }
  };
  /* From this moment it counts here: a call that is joined anew meanwhile is joined without consent. */
  const withdraw = async () => {
    const wanted = { consent: false };
    const { signal } = (withdrawal.current = new AbortController());
    counted.current = { ...counted.current, ...wanted };
    remember(counted.current);
    show(wanted);
    setSaving(true);
    session.dismiss('choice_failed');
    await tellUntilTaken(() => api.changeChoices(room.room, ticket.get(), wanted), {
      isWanted: () => !signal.aborted && session.getState().end === null,
      onRefused: () => session.addHint('withdrawal_waits'),
    });
    if (signal.aborted) return;
    session.dismiss('withdrawal_waits');
    setSaving(false);
  };
  return {
    choice,
    choices,
    saving,
    changeLanguages: (next) => {
      setChoice(next);
      change(asPreferences(next));
      void send(resolve(next, room), () => setChoice((now) => (now === next ? choice : now)));
    },
    changeConsent: (consent) => {
      change({ consent });
      stopWithdrawing();
      session.dismiss('withdrawal_waits');
      void (consent ? send({ consent }) : withdraw());
    },
  };
}

function withoutConsent(wanted: Partial<Choices>): Partial<Choices> {
  return Object.fromEntries(Object.entries(wanted).filter(([field]) => field !== 'consent'));
}

/** The same fields as in `wanted`, as they are in `choices`. */
function likeIn(wanted: Partial<Choices>, choices: Choices): Partial<Choices> {
  return Object.fromEntries(Object.entries(choices).filter(([field]) => field in wanted));
}
