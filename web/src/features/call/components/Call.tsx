/** The call itself: stage, captions, controls, and the drawer at the side. What decides stands in the hooks. */
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import type { RoomInfo } from '../../../api/types';
import { plannedReach } from '../../../call/audience';
import type { Person } from '../../../call/callState';
import { Question } from '../../../ui/Question';
import { CaptionLog } from '../../captions/components/CaptionLog';
import { CaptionMenu } from '../../captions/components/CaptionMenu';
import { CaptionOverlay } from '../../captions/components/CaptionOverlay';
import { DeviceDialog } from '../../settings/components/DeviceDialog';
import { useShownNames } from '../../people/names';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { useCallState, useCaptions } from '../hooks/useCallState';
import { useChoices } from '../hooks/useChoices';
import { useHost } from '../hooks/useHost';
import { usePractice } from '../hooks/usePractice';
import type { JoinedCall } from '../hooks/useRoomVisit';
import { useWaiters } from '../hooks/useWaiters';
import { useQuietLine } from '../hooks/useQuietLine';
import { Alone } from './Alone';
import { Bar } from './Bar';
import styles from './Call.module.css';
import { Drawer, type DrawerTab } from './Drawer';
import { EndingNotice } from './EndingNotice';
import { EndPage, type Again } from './EndPage';
import { Hints } from './Hints';
import { InviteDialog } from './InviteDialog';
import { LanguagePanel } from './LanguagePanel';
import { useMoreActions } from '../hooks/useMoreActions';
import { QuietPill } from './QuietPill';
import { RemoveQuestion } from './RemoveQuestion';
import { Stage } from './Stage';
import type { TileActions } from './TileMenu';
import { WaitingNotice } from './WaitingNotice';

interface CallProps {
  room: RoomInfo;
  call: JoinedCall;
  /** Of who made the room; null for everybody else. */
  hostSecret: string | null;
  /** Joining again: at once, and how that goes. */
  again: Again;
  onLobby: () => void;
}

type Dialog = 'devices' | 'invite' | 'end' | null;

export function Call(props: CallProps) {
  const { room, again, onLobby } = props;
  const { session } = props.call;
  const state = useCallState(session);
  if (state.end) return <EndPage end={state.end} lasts={room.title !== ''} session={session} again={again} onLobby={onLobby} />;
  return <RunningCall {...props} />;
}

function RunningCall({ room, call, hostSecret: madeWith }: CallProps) {
  const { session, ticket } = call;
  const { secret } = useSyncExternalStore(ticket.subscribe, ticket.get);
  const { t } = useTranslation();
  const { preferences, change } = usePreferences();
  const state = useCallState(session);
  const captions = useCaptions(session);
  const choices = useChoices(room, call);
  const me = state.people.find((person) => person.isLocal);
  const hostSecret = madeWith ?? (me?.isCohost ? secret : null);
  const host = useHost(room, state.decided, hostSecret);
  const waiters = useWaiters(room, hostSecret, host.fail);
  const others = state.people.filter((person) => !person.isLocal).length;
  const practice = usePractice(room, ticket, choices.choices, others);
  const quiet = useQuietLine(state, choices.choices, room, captions.lagMs);
  const { shown } = useShownNames(state);
  // Who is alone reads it beside the own tile, where it was asked for.
  const expecting = practice.onTheWay && others > 0 && (quiet === null || quiet.kind === 'interpreting');
  const line = expecting ? { kind: 'practice' as const, text: t('call.practiceAdded') } : quiet;
  const [tab, setTab] = useState<DrawerTab | null>(null);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [removing, setRemoving] = useState<Person | null>(null);
  const [pinned, setPinned] = useState<string | null>(null);

  const actions: TileActions = {
    hearingOf: (identity) => session.hearingOf(identity),
    setHearing: (identity, hearing) => session.setHearing(identity, hearing),
    canBeDubbed: (person) => !person.isLocal && plannedReach(person, choices.choices, room.directions) === 'interpreted',
    pinned,
    pin: setPinned,
    host: host.isHost ? { mute: host.mute, remove: setRemoving } : null,
  };
  const more = useMoreActions({
    view: preferences.view,
    onView: (view) => {
      setPinned(null);
      change({ view });
    },
    onTab: setTab,
    onDialog: setDialog,
    practice: room.practice ? practice.add : null,
    host,
  });

  return (
    <div className={styles.call}>
      <main className={styles.stage}>
        <h1 className="visuallyHidden">{t('app.name')}</h1>
        <header className={styles.top}>
          <QuietPill line={line} />
          <EndingNotice endsAtMs={state.endsAtMs} />
          <WaitingNotice waiters={waiters} onSee={() => setTab('people')} />
          <Hints session={session} hints={state.hints} practice={practice} hostFailed={host.failed} onHostSeen={host.forgive} />
        </header>
        <Stage
          state={state}
          choices={choices.choices}
          room={room}
          view={preferences.view}
          actions={actions}
          alone={
            state.phase === 'connected' ? <Alone link={room.link} practice={room.practice ? practice : null} /> : null
          }
        />
        {preferences.captionsOn && choices.choices.reads !== null ? (
          <CaptionOverlay session={session} captions={captions} state={state} />
        ) : null}
        <CaptionLog captions={captions} state={state} />
        <footer className={styles.foot}>
          <Bar
            session={session}
            me={me}
            captionsOn={preferences.captionsOn}
            captions={<CaptionMenu session={session} captions={captions} state={state} onHistory={() => setTab('history')} />}
            languages={<LanguagePanel room={room} choices={choices} />}
            more={more}
            onLeave={() => void session.leave()}
          />
        </footer>
      </main>
      <Drawer tab={tab} onTab={setTab} session={session} state={state} captions={captions} choices={choices.choices} room={room} host={host} waiters={waiters} secret={secret} hostSecret={hostSecret} />
      <DeviceDialog isOpen={dialog === 'devices'} onClose={() => setDialog(null)} session={session} />
      <InviteDialog isOpen={dialog === 'invite'} onClose={() => setDialog(null)} link={room.link} />
      <Question
        title={t('call.endConfirm')}
        text={t('call.endConfirmText')}
        yes={t('call.endNow')}
        isOpen={dialog === 'end'}
        onClose={() => setDialog(null)}
        onYes={host.end}
      />
      <RemoveQuestion person={removing} name={shown(removing?.name ?? '')} host={host} onClose={() => setRemoving(null)} />
    </div>
  );
}
