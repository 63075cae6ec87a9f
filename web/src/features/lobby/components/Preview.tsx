/** How the others will see and hear me: picture, two switches, a live level, and which devices. */
import { Mic, MicOff, Video as VideoIcon, VideoOff } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { VideoSource } from '../../../call/callState';
import { Avatar } from '../../../ui/Avatar';
import { Button, IconButton } from '../../../ui/Button';
import { Notice } from '../../../ui/Notice';
import { Picker } from '../../../ui/Picker';
import { Video } from '../../../ui/Video';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { useDevice, type OpenDevice } from '../hooks/useDevice';
import { useDeviceList, type NamedDevice } from '../hooks/useDeviceList';
import { LevelBar } from './LevelBar';
import styles from './Preview.module.css';

const BY_DEFAULT = 'default';

export function Preview({ name }: { name: string }) {
  const { t } = useTranslation();
  const { preferences, change } = usePreferences();
  const { microphoneOn, cameraOn } = preferences;
  const microphone = useDevice('microphone', microphoneOn, preferences.microphoneId);
  const camera = useDevice('camera', cameraOn, preferences.cameraId);
  const picture = useMemo(() => camera.stream && sourceOf(camera.stream), [camera.stream]);
  return (
    <div className={styles.preview}>
      <div className={styles.tile}>
        {picture ? <Video source={picture} mirrored /> : <Avatar name={name || '?'} colour={0} />}
        {picture ? null : (
          <p className={styles.state}>{cameraOn && !camera.problem ? t('lobby.cameraStarting') : t('lobby.cameraIsOff')}</p>
        )}
        <div className={styles.switches}>
          <IconButton
            tone={microphoneOn && !microphone.problem ? 'stage' : 'off'}
            label={microphoneOn ? t('lobby.turnMicrophoneOff') : t('lobby.turnMicrophoneOn')}
            icon={microphoneOn && !microphone.problem ? <Mic aria-hidden /> : <MicOff aria-hidden />}
            onPress={() => change({ microphoneOn: !microphoneOn })}
          />
          <IconButton
            tone={cameraOn && !camera.problem ? 'stage' : 'off'}
            label={cameraOn ? t('lobby.turnCameraOff') : t('lobby.turnCameraOn')}
            icon={cameraOn && !camera.problem ? <VideoIcon aria-hidden /> : <VideoOff aria-hidden />}
            onPress={() => change({ cameraOn: !cameraOn })}
          />
        </div>
      </div>
      <LevelBar stream={microphone.stream} />
      <Problem device={microphone} kind="microphone" />
      <Problem device={camera} kind="camera" />
      <div className={styles.devices}>
        <DevicePicker
          label={t('lobby.microphone')}
          devices={useDeviceList('audioinput', microphone.stream)}
          value={preferences.microphoneId}
          onChange={(microphoneId) => change({ microphoneId })}
        />
        <DevicePicker
          label={t('lobby.camera')}
          devices={useDeviceList('videoinput', camera.stream)}
          value={preferences.cameraId}
          onChange={(cameraId) => change({ cameraId })}
        />
      </div>
    </div>
  );
}

function Problem({ device, kind }: { device: OpenDevice; kind: 'microphone' | 'camera' }) {
  const { t } = useTranslation();
  if (!device.problem) return null;
  const canTryAgain = device.problem !== 'absent';
  return (
    <Notice
      tone={kind === 'microphone' ? 'warning' : 'info'}
      action={canTryAgain ? <Button tone="quiet" onPress={device.retry}>{t('app.tryAgain')}</Button> : null}
    >
      {t(`device.${kind}_${device.problem}`)}
    </Notice>
  );
}

interface DevicePickerProps {
  label: string;
  devices: NamedDevice[];
  value: string | null;
  onChange: (id: string | null) => void;
}

/** Shown only where there is a choice. */
function DevicePicker({ label, devices, value, onChange }: DevicePickerProps) {
  const { t } = useTranslation();
  if (devices.length < 2) return null;
  const known = devices.some((device) => device.id === value);
  return (
    <Picker
      label={label}
      value={known ? value : BY_DEFAULT}
      onChange={(id) => onChange(id === BY_DEFAULT ? null : id)}
      placeholder={t('lobby.defaultDevice')}
      sections={[{ id: 'all', options: [{ id: BY_DEFAULT, label: t('lobby.defaultDevice') }, ...devices] }]}
    />
  );
}

function sourceOf(stream: MediaStream): VideoSource {
  return {
    attach(element) {
      element.srcObject = stream;
      return element;
    },
    detach(element) {
      element.srcObject = null;
      return element;
    },
  };
}
