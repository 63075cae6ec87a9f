/** What can be done about one person: what I hear of them, show them large, and the host's two means. */
import type { ReactNode } from 'react';
import { DialogTrigger } from 'react-aria-components';
import { Maximize2, MicOff, Minimize2, UserX } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Person } from '../../../call/callState';
import type { Hearing, HearingMode } from '../../../call/dubTracks';
import type { VoicePlaying } from '../../../call/voices';
import { Button, IconButton } from '../../../ui/Button';
import { Choice } from '../../../ui/Choice';
import { Level } from '../../../ui/Level';
import { Panel } from '../../../ui/Overlay';
import styles from './Tile.module.css';

export interface TileActions {
  hearingOf: (identity: string) => Hearing;
  setHearing: (identity: string, hearing: Hearing) => void;
  /** A dub of this person can be heard by me. */
  canBeDubbed: (person: Person) => boolean;
  pinned: string | null;
  pin: (identity: string | null) => void;
  /** Absent for everybody but the host. */
  host: { mute: (identity: string) => void; remove: (person: Person) => void } | null;
}

interface TileMenuProps {
  person: Person;
  shown: string;
  voice: VoicePlaying | null;
  actions: TileActions;
  children: ReactNode;
}

export function TileMenu({ person, shown, voice, actions, children }: TileMenuProps) {
  const { t } = useTranslation();
  const pinned = actions.pinned === person.identity;
  return (
    <div className={styles.menu}>
      <DialogTrigger>
        <IconButton label={t('call.tileMenu', { name: shown })} icon={children} tone="stage" placement="bottom" />
        <Panel title={shown} placement="bottom end">
          {actions.canBeDubbed(person) ? <HearingFields person={person} shown={shown} voice={voice} actions={actions} /> : null}
          {/* What changes the stage, or asks back, ends the panel: it would lie over what it brought. */}
          <Button slot="close" icon={pinned ? <Minimize2 aria-hidden /> : <Maximize2 aria-hidden />} wide onPress={() => actions.pin(pinned ? null : person.identity)}>
            {pinned ? t('call.showEqual') : t('call.showLarge')}
          </Button>
          {actions.host && !person.isLocal ? (
            <>
              {person.microphoneOn ? (
                <Button icon={<MicOff aria-hidden />} wide onPress={() => actions.host?.mute(person.identity)}>
                  {t('call.muteThem')}
                </Button>
              ) : null}
              <Button slot="close" icon={<UserX aria-hidden />} wide onPress={() => actions.host?.remove(person)}>
                {t('call.removeThem')}
              </Button>
            </>
          ) : null}
        </Panel>
      </DialogTrigger>
    </div>
  );
}

function HearingFields({ person, shown, voice, actions }: Omit<TileMenuProps, 'children'>) {
  const { t } = useTranslation();
  const hearing = actions.hearingOf(person.identity);
  const change = (part: Partial<Hearing>) => actions.setHearing(person.identity, { ...hearing, ...part });
  const modes: { value: HearingMode; label: string }[] = [
    { value: 'both', label: t('call.both') },
    { value: 'dub', label: t('call.dub') },
    { value: 'original', label: t('call.originalOnly') },
  ];
  return (
    <>
      <Choice stacked label={t('call.hearing', { name: shown })} options={modes} value={hearing.mode} onChange={(mode) => change({ mode })} />
      {voice ? <p className={styles.voice}>{t(`call.voicePlaying.${voice}`)}</p> : null}
      <Level label={t('call.underDub')} value={hearing.underDub} isDisabled={hearing.mode !== 'both'} onChange={(underDub) => change({ underDub })} />
    </>
  );
}
