/** Reads LiveKit's room as the page knows it: people, interpreters and their notices. For `liveKitCall.ts`. */
import type { LocalParticipant, RemoteParticipant, Room } from 'livekit-client';

import type { CallState, Person } from './callState';
import { isInterpreter } from './caption';
import { parseNotices } from './notices';
import { Colours, readPerson, remember } from './people';
import type { ServerClock } from './plannedEnd';
import { readMetadata } from './roomMetadata';

export class RoomReading {
  private readonly colours: Colours;

  /** `known` are people of before who may come again. */
  constructor(
    known: CallState['known'],
    private readonly clock: ServerClock,
  ) {
    this.colours = new Colours(known);
  }

  /** Which interpreter's captions count from now on, of each interpreter in the room. */
  epochs(room: Room): number[] {
    return interpretersIn(room).map(({ attributes }) => Number(attributes['dragoman.epoch']) || 0);
  }

  /** Everything of the state that follows from the room; `sounding` are the speakers whose dubs sound here. */
  read(room: Room, before: CallState, sounding: ReadonlySet<string>): Partial<CallState> {
    const interpreters = interpretersIn(room);
    const speaker = room.activeSpeakers.find((participant) => !participant.isLocal && !participant.isAgent);
    const people = this.participants(room).map((participant) =>
      readPerson(participant, {
        colour: this.colours.of(participant.identity),
        dubSounding: sounding.has(participant.identity),
      }),
    );
    const metadata = readMetadata(room.metadata);
    return {
      people,
      known: remember(before.known, people),
      interpreterPresent: interpreters.length > 0,
      notices: interpreters.flatMap((interpreter) => parseNotices(interpreter.attributes['dragoman.notices'])),
      decided: metadata ? { interpretation: metadata.interpretation, locked: metadata.locked } : before.decided,
      endsAtMs: this.clock.here(metadata?.endsAtMs ?? null),
      activeSpeaker: speaker?.identity ?? before.activeSpeaker,
    };
  }

  /** Oneself first, then by order of joining; never the interpreter. */
  private participants(room: Room): (LocalParticipant | RemoteParticipant)[] {
    const others = [...room.remoteParticipants.values()]
      .filter((participant) => !participant.isAgent)
      .sort((a, b) => (a.joinedAt?.getTime() ?? 0) - (b.joinedAt?.getTime() ?? 0));
    return [room.localParticipant, ...others];
  }
}

/** The others while the connection is gone: still there for all we know, but without picture or sound. */
export function withoutMedia(people: readonly Person[]): Person[] {
  return people.map((person) =>
    person.isLocal ? person : { ...person, video: null, screen: null, speaking: false, dubSounding: false },
  );
}

function interpretersIn(room: Room): RemoteParticipant[] {
  return [...room.remoteParticipants.values()].filter(isInterpreter);
}
