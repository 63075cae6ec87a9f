/** The controls: at most seven, in the middle below the stage. */
import { Captions as CaptionsIcon, EllipsisVertical, Languages, Mic, MicOff, MonitorUp, PhoneOff, Video, VideoOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { DialogTrigger } from 'react-aria-components';
import { useTranslation } from 'react-i18next';

import type { CallSession, Person } from '../../../call/callState';
import { ActionMenu, type Action } from '../../../ui/ActionMenu';
import { IconButton } from '../../../ui/Button';
import { Panel } from '../../../ui/Overlay';
import styles from './Bar.module.css';

interface BarProps {
  session: CallSession;
  me: Person | undefined;
  captionsOn: boolean;
  /** What the two panels hold. */
  captions: ReactNode;
  languages: ReactNode;
  more: Action[][];
  onLeave: () => void;
}

export function Bar({ session, me, captionsOn, captions, languages, more, onLeave }: BarProps) {
  const { t } = useTranslation();
  const microphoneOn = me?.microphoneOn ?? false;
  const cameraOn = me?.cameraOn ?? false;
  const sharing = Boolean(me?.screen);
  const canShare = 'getDisplayMedia' in (navigator.mediaDevices as object | undefined ?? {});
  return (
    <nav className={styles.bar} aria-label={t('call.bar')}>
      <IconButton
        tone={microphoneOn ? 'stage' : 'off'}
        label={microphoneOn ? t('call.mute') : t('call.unmute')}
        caption={t('call.microphone')}
        icon={microphoneOn ? <Mic aria-hidden /> : <MicOff aria-hidden />}
        onPress={() => void session.setMicrophone(!microphoneOn)}
      />
      <IconButton
        tone={cameraOn ? 'stage' : 'off'}
        label={cameraOn ? t('call.cameraOff') : t('call.cameraOn')}
        caption={t('call.camera')}
        icon={cameraOn ? <Video aria-hidden /> : <VideoOff aria-hidden />}
        onPress={() => void session.setCamera(!cameraOn)}
      />
      {canShare ? (
        <IconButton
          tone="stage"
          pressed={sharing}
          label={sharing ? t('call.shareStop') : t('call.shareStart')}
          caption={t('call.share')}
          icon={<MonitorUp aria-hidden />}
          onPress={() => void session.setScreenShare(!sharing)}
        />
      ) : null}
      <DialogTrigger>
        <IconButton
          tone="stage"
          label={t('call.captions')}
          caption={t('call.captions')}
          icon={<CaptionsIcon aria-hidden className={captionsOn ? '' : styles.off} />}
        />
        <Panel title={t('captions.title')}>{captions}</Panel>
      </DialogTrigger>
      <DialogTrigger>
        <IconButton tone="stage" label={t('call.language')} caption={t('call.language')} icon={<Languages aria-hidden />} />
        <Panel title={t('languages.title')}>{languages}</Panel>
      </DialogTrigger>
      <ActionMenu label={t('call.more')} parts={more}>
        <IconButton tone="stage" label={t('call.more')} caption={t('call.more')} icon={<EllipsisVertical aria-hidden />} />
      </ActionMenu>
      <span className={styles.gap} />
      <IconButton tone="danger" label={t('call.leave')} caption={t('call.leave')} icon={<PhoneOff aria-hidden />} onPress={onLeave} />
    </nav>
  );
}
