/** The way of one visit: look at the room, join it, be in the call, and perhaps join again. */
import { useCallback, useEffect, useRef, useState } from 'react';

import { codeOf, type Choices, type RoomInfo, type Ticket } from '../../../api/types';
import type { CallSession } from '../../../call/callState';
import type { Caption } from '../../../call/caption';
import type { LanguageCode } from '../../../call/languages';
import { readKnown, readOwnSecret, writeKnown, writeOwnSecret, type Preferences } from '../../../call/preferences';
import { useServices, type Services } from '../../../services';

export interface JoinedCall {
  session: CallSession;
  ticket: Ticket;
  /** What counts from now on, also when the call has to be joined anew. */
  remember: (choices: Choices) => void;
  /** What was remembered last. */
  latest: () => Choices;
}

export interface RoomVisit {
  info: RoomInfo | null;
  /** Code of why the room cannot be looked at. */
  refusal: string | null;
  call: JoinedCall | null;
  joining: boolean;
  /** Code of why joining was refused. */
  fault: string | null;
  look: () => void;
  join: (name: string, choices: Choices, preferences: Preferences) => Promise<void>;
  /** Back to the lobby. */
  reset: () => void;
}

export function useRoomVisit(room: string): RoomVisit {
  const services = useServices();
  const { api } = services;
  const [info, setInfo] = useState<RoomInfo | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [call, setCall] = useState<JoinedCall | null>(null);
  const [joining, setJoining] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const running = useRef<CallSession | null>(null);

  const ask = useCallback(() => {
    api.seeRoom(room).then(setInfo, (error: unknown) => setRefusal(codeOf(error)));
  }, [api, room]);
  useEffect(ask, [ask]);
  const look = () => {
    setRefusal(null);
    ask();
  };
  useEffect(() => () => void running.current?.leave(), []);

  const join = async (name: string, choices: Choices, preferences: Preferences) => {
    setJoining(true);
    setFault(null);
    try {
      const joined = await enter(services, room, name, choices, preferences);
      running.current = joined.session;
      setCall(joined);
    } catch (error) {
      setFault(codeOf(error));
    } finally {
      setJoining(false);
    }
  };
  const reset = () => {
    setCall(null);
    look();
  };
  return { info, refusal, call, joining, fault, look, join, reset };
}

async function enter(
  { api, openCall }: Services,
  room: string,
  name: string,
  choices: Choices,
  preferences: Preferences,
): Promise<JoinedCall> {
  const ask = async (wanted: Choices) => {
    const ticket = await api.join(room, name, wanted, readOwnSecret(sessionStorage, room));
    writeOwnSecret(sessionStorage, room, ticket.secret);
    return ticket;
  };
  const ticket = await ask(choices);
  let latest = ticket.choices;
  const session = await openCall({
    ticket,
    renew: () => ask(latest),
    fetchCaptions: (language, afterSeq) => fetchAll(api, room, ticket, language, afterSeq),
    reads: ticket.choices.reads,
    listens: ticket.choices.listens,
    voice: ticket.choices.voice,
    microphoneOn: preferences.microphoneOn,
    cameraOn: preferences.cameraOn,
    microphoneId: preferences.microphoneId,
    cameraId: preferences.cameraId,
    speakerId: preferences.speakerId,
    underDub: preferences.underDub,
    showOriginals: preferences.originalWords,
    known: readKnown(sessionStorage, room),
    onKnown: (known) => writeKnown(sessionStorage, room, known),
  });
  return {
    session,
    ticket,
    remember: (counted) => {
      latest = counted;
    },
    latest: () => latest,
  };
}

/** Far more than a call of a day has. */
const MAX_PAGES = 20;

async function fetchAll(
  api: Services['api'],
  room: string,
  ticket: Ticket,
  language: LanguageCode,
  afterSeq: number,
): Promise<Caption[]> {
  const all: Caption[] = [];
  let after = afterSeq;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { captions } = await api.captions(room, ticket, language, after);
    all.push(...captions);
    const last = captions.at(-1);
    if (!last) break;
    after = last.seq;
  }
  return all;
}
