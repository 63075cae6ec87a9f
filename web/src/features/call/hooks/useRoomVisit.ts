/** The way of one visit: look at the room, join it, be in the call, and perhaps join again. */
import { useCallback, useEffect, useRef, useState } from 'react';

import { isWaiting, type Waiting } from '../../../api/lobby';
import { ApiError, codeOf, type Choices, type Direction, type RoomInfo, type Ticket } from '../../../api/types';
import type { CallSession } from '../../../call/callState';
import type { Caption } from '../../../call/caption';
import type { LanguageCode } from '../../../call/languages';
import {
  readHearings,
  readHostSecret,
  readKnown,
  readOwnSecret,
  writeHearings,
  writeHostSecret,
  writeKnown,
  writeOwnSecret,
  type Preferences,
} from '../../../call/preferences';
import { waitToBeLetIn, type Wait } from '../../../call/waitingRoom';
import { useServices, type Services } from '../../../services';
import { OwnTicket } from '../ownTicket';

export interface JoinedCall {
  session: CallSession;
  ticket: OwnTicket;
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
  /** How waiting before the room goes, while one waits. */
  wait: Wait | null;
  /** Wait no longer, and come into no call. */
  leaveLine: () => void;
  /** Code of why joining was refused. */
  fault: string | null;
  look: () => void;
  /** Look again without a word. */
  ask: () => void;
  join: (name: string, choices: Choices, preferences: Preferences) => Promise<void>;
  /** As `join`, and nobody pressed anything: into the call one was in, never into another one. */
  comeBack: (name: string, choices: Choices, preferences: Preferences) => Promise<void>;
  /** Back to the lobby. */
  reset: () => void;
}

export function useRoomVisit(room: string): RoomVisit {
  const services = useServices();
  const [info, setInfo] = useState<RoomInfo | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [call, setCall] = useState<JoinedCall | null>(null);
  const [joining, setJoining] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [wait, setWait] = useState<Wait | null>(null);
  const running = useRef<CallSession | null>(null);
  const line = useRef<AbortController | null>(null);

  const ask = useCallback(() => {
    seeOrOpen(services, room).then(
      (found) => {
        setInfo(found);
        setRefusal(null);
      },
      (error: unknown) => setRefusal(codeOf(error)),
    );
  }, [services, room]);
  useEffect(ask, [ask]);
  const look = () => {
    setRefusal(null);
    ask();
  };
  const leaveLine = useCallback(() => {
    line.current?.abort();
    void running.current?.leave();
  }, []);
  useEffect(() => leaveLine, [leaveLine]);

  const joinWith = async (again: boolean, name: string, choices: Choices, preferences: Preferences) => {
    setJoining(true);
    setFault(null);
    try {
      line.current = new AbortController();
      const { signal } = line.current;
      if (info?.title && !again) await proveHost(services, room);
      const waiting = { onWait: setWait, signal };
      const joined = await enter(services, room, name, choices, preferences, { again, waiting, directions: info?.directions ?? [] });
      running.current = joined.session;
      if (signal.aborted) void joined.session.leave();
      checkWanted(signal);
      setCall(joined);
    } catch (error) {
      const code = codeOf(error);
      setFault(again && info?.title && code === 'room_not_found' ? 'call_over' : code);
    } finally {
      setJoining(false);
      setWait(null);
    }
  };
  const join: RoomVisit['join'] = (...who) => joinWith(false, ...who);
  const comeBack: RoomVisit['comeBack'] = (...who) => joinWith(true, ...who);
  const reset = () => {
    setCall(null);
    look();
  };
  return { info, refusal, call, joining, wait, leaveLine, fault, look, ask, join, comeBack, reset };
}

interface WaitingOptions {
  /** Null when one waits no more. */
  onWait: (wait: Wait | null) => void;
  signal: AbortSignal;
}

async function enter(
  { api, openCall }: Services,
  room: string,
  name: string,
  choices: Choices,
  preferences: Preferences,
  { again, waiting: { onWait, signal }, directions }: { again: boolean; waiting: WaitingOptions; directions: readonly Direction[] },
): Promise<JoinedCall> {
  const ask = async (wanted: Choices, byItself: boolean, left: AbortSignal) => {
    const answer = await knock(api, room, name, wanted, byItself);
    const ticket = isWaiting(answer) ? await stayInLine(api, room, answer, { onWait, signal: left }) : answer;
    writeOwnSecret(sessionStorage, room, ticket.secret);
    return ticket;
  };
  const first = await ask(choices, again, signal);
  checkWanted(signal);
  const ticket = new OwnTicket(first);
  let latest = first.choices;
  const renew = async (over: AbortSignal) => {
    let asked: Choices;
    try {
      do {
        asked = latest;
        ticket.replace(await ask(asked, true, over));
        // Withdrawn meanwhile: the server may have heard of it before it let in who had still consented.
      } while (asked.consent && !latest.consent);
    } finally {
      onWait(null);
    }
    return ticket.get();
  };
  const session = await openCall({
    ticket: first,
    renew,
    fetchCaptions: (language, afterSeq) => fetchAll(api, room, ticket.get(), language, afterSeq),
    reads: first.choices.reads,
    listens: first.choices.listens,
    voice: first.choices.voice,
    microphoneOn: preferences.microphoneOn,
    cameraOn: preferences.cameraOn,
    microphoneId: preferences.microphoneId,
    cameraId: preferences.cameraId,
    speakerId: preferences.speakerId,
    underDub: preferences.underDub,
    hearings: readHearings(sessionStorage, room),
    onHearings: (hearings) => writeHearings(sessionStorage, room, hearings),
    directions,
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

/** Raises `lobby_left` if whoever wanted to come in has left: the line, or the page. */
function checkWanted(signal: AbortSignal): void {
  if (signal.aborted) throw new ApiError('lobby_left', 'left before coming in');
}

/**
 * Ask to come in as who one was in this call. A host who was not in it comes as the host, who waits before no door; also
 * where the server does not know, as just after its start, and would let them wait.
 */
async function knock(api: Services['api'], room: string, name: string, wanted: Choices, again: boolean): Promise<Ticket | Waiting> {
  const own = readOwnSecret(sessionStorage, room);
  const host = readHostSecret(localStorage, room);
  if (own === null || host === null) return api.join(room, name, wanted, own ?? host, again);
  try {
    const answer = await api.join(room, name, wanted, own, true);
    if (!isWaiting(answer)) return answer;
    await api.leaveLobby(room, answer.ticket).catch(() => undefined); // if it is not heard, the ticket runs out
  } catch (error) {
    const code = codeOf(error);
    // By itself a page comes into no other call: there "not found" is the answer.
    if (code !== 'room_locked' && (again || code !== 'room_not_found')) throw error;
  }
  return api.join(room, name, wanted, host, again);
}

/** The room as it is; one that only a host opens is opened, if whoever is signed in is one. */
async function seeOrOpen(services: Services, room: string): Promise<RoomInfo> {
  try {
    return await services.api.seeRoom(room);
  } catch (error) {
    if (codeOf(error) !== 'room_not_open' || !(await proveHost(services, room))) throw error;
    return services.api.seeRoom(room);
  }
}

/**
 * Open a lasting room and fetch what proves its host, if whoever is signed in is one; gives whether they are. Also where
 * a proof lies here already: it is of a call that may be over.
 */
async function proveHost({ api, session }: Services, room: string): Promise<boolean> {
  if (session.getState().phase !== 'signed_in') return false;
  try {
    writeHostSecret(localStorage, room, (await api.openMyRoom(room)).hostSecret);
    return true;
  } catch {
    return false; // no host of it: then one joins as everybody does
  }
}

async function stayInLine(api: Services['api'], room: string, place: Waiting, waiting: WaitingOptions): Promise<Ticket> {
  try {
    return await waitToBeLetIn(api, room, place, waiting);
  } catch (error) {
    // Whoever leaves tells the host; if the server does not hear it, the ticket runs out by itself.
    if (waiting.signal.aborted) void api.leaveLobby(room, place.ticket).catch(() => undefined);
    throw error;
  }
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
