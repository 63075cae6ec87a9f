/** Who is in the call, what they speak and hear, and who is not interpreted. */
import { Crown, Lock, MicOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Choices, RoomInfo } from '../../../api/types';
import { audienceOf, plannedReach, type Interpreting } from '../../../call/audience';
import type { CallState, Person } from '../../../call/callState';
import { nameInText, ORIGINAL } from '../../../call/languages';
import { Avatar } from '../../../ui/Avatar';
import { CopyLink } from '../../call/components/CopyLink';
import { Wave } from '../../call/components/Wave';
import { useShownNames } from '../names';
import type { Host } from '../../call/hooks/useHost';
import type { Waiters } from '../../call/hooks/useWaiters';
import { useAudienceText } from '../../call/hooks/useAudienceText';
import { useInterpreting } from '../../call/hooks/useInterpreting';
import { HostControls } from './HostControls';
import styles from './People.module.css';
import { PersonMenu } from './PersonMenu';

interface PeopleProps {
  state: CallState;
  choices: Choices;
  room: RoomInfo;
  host: Host;
  waiters: Waiters;
}

export function People({ state, choices, room, host, waiters }: PeopleProps) {
  const { t } = useTranslation();
  const { shown } = useShownNames(state);
  const interpreting = useInterpreting(state, room);
  return (
    <div className={styles.people}>
      {host.isHost ? <HostControls host={host} waiters={waiters} hasLobby={room.lobby || waiters.list.length > 0} /> : null}
      <ul className={styles.list} aria-label={t('people.count', { count: state.people.length })}>
        {state.people.map((person) => (
          <PersonLine
            key={person.identity}
            person={person}
            shown={shown(person.name)}
            others={state.people.filter((other) => other !== person)}
            choices={choices}
            interpreting={interpreting}
            host={host}
          />
        ))}
      </ul>
      <footer className={styles.foot}>
        {host.locked ? (
          <p className={styles.locked}>
            <Lock aria-hidden /> {t('people.locked')}
          </p>
        ) : (
          <CopyLink link={room.link} />
        )}
      </footer>
    </div>
  );
}

interface PersonLineProps {
  person: Person;
  shown: string;
  others: readonly Person[];
  choices: Choices;
  interpreting: Interpreting;
  host: Host;
}

function PersonLine({ person, shown, others, choices, interpreting, host }: PersonLineProps) {
  const { t, i18n } = useTranslation();
  const name = (code: string) => nameInText(code, i18n.language);
  const reach = person.isLocal ? 'same' : plannedReach(person, choices, interpreting.directions);
  const audience = useAudienceText(audienceOf(person, others, interpreting));
  const about = [
    person.speaks ? t('people.speaks', { language: name(person.speaks) }) : t('people.listensOnly'),
    person.listens === ORIGINAL ? t('people.hearsOriginal') : t('people.hearsIn', { language: name(person.listens) }),
    (person.consents && person.transcribed) || !person.speaks ? null : t('people.notConsented'),
  ];
  return (
    <li className={styles.person} data-colour={person.colour}>
      <Avatar name={shown} colour={person.colour} small />
      <div className={styles.words}>
        <p className={styles.name}>
          <span className={styles.ownName}>{shown}</span>
          {person.isLocal ? <span className={styles.about}>({t('people.you')})</span> : null}
          {host.isHost && person.isLocal && !person.isCohost ? <Crown aria-label={t('people.host')} className={styles.icon} /> : null}
          {person.isCohost ? <Crown aria-label={t('people.hostControls.isCohost')} className={styles.icon} /> : null}
        </p>
        <p className={styles.about}>{about.filter(Boolean).join(' · ')}</p>
        {person.isLocal && audience ? <p className={styles.about}>{audience}</p> : null}
        {reach === 'no_direction' && person.speaks && choices.reads ? (
          <p className={styles.about}>{t('people.noDirection', { source: name(person.speaks), target: name(choices.reads) })}</p>
        ) : null}
      </div>
      {person.dubSounding ? <Wave label={t('call.translatedVoice')} /> : null}
      {person.microphoneOn ? null : <MicOff aria-label={t('call.muted')} className={styles.icon} />}
      {host.isHost && !person.isLocal ? <PersonMenu person={person} name={shown} host={host} /> : null}
    </li>
  );
}
