/** Devices and sound during a call, and the page's language and appearance. */
import { useMediaDeviceSelect } from '@livekit/components-react';
import { useTranslation } from 'react-i18next';

import type { CallSession } from '../../../call/callState';
import type { Theme } from '../../../call/preferences';
import { ownName } from '../../../call/languages';
import { changePageLanguage, PAGE_LANGUAGES, type PageLanguage } from '../../../i18n';
import { Choice } from '../../../ui/Choice';
import { Level } from '../../../ui/Level';
import { Sheet } from '../../../ui/Overlay';
import { Picker } from '../../../ui/Picker';
import { usePreferences } from '../hooks/usePreferences';

interface DeviceDialogProps {
  isOpen: boolean;
  onClose: () => void;
  session: CallSession;
}

export function DeviceDialog({ isOpen, onClose, session }: DeviceDialogProps) {
  const { t, i18n } = useTranslation();
  const { preferences, change } = usePreferences();
  const setUnderDub = (underDub: number) => {
    change({ underDub });
    session.setDefaultUnderDub(underDub);
  };
  const setPageLanguage = (pageLanguage: PageLanguage) => {
    change({ pageLanguage });
    void changePageLanguage(pageLanguage);
  };
  const themes: { value: Theme; label: string }[] = [
    { value: 'system', label: t('app.themeSystem') },
    { value: 'light', label: t('app.themeLight') },
    { value: 'dark', label: t('app.themeDark') },
  ];
  return (
    <Sheet title={t('call.settings')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      <DeviceField session={session} kind="audioinput" label={t('lobby.microphone')} onChosen={(microphoneId) => change({ microphoneId })} />
      <DeviceField session={session} kind="videoinput" label={t('lobby.camera')} onChosen={(cameraId) => change({ cameraId })} />
      <DeviceField session={session} kind="audiooutput" label={t('lobby.speaker')} onChosen={(speakerId) => change({ speakerId })} />
      <Level label={t('call.underDub')} value={preferences.underDub} onChange={setUnderDub} />
      <Choice label={t('app.theme')} options={themes} value={preferences.theme} onChange={(theme) => change({ theme })} />
      <Choice
        label={t('app.pageLanguage')}
        options={PAGE_LANGUAGES.map((language) => ({ value: language, label: ownName(language) }))}
        value={i18n.language as PageLanguage}
        onChange={setPageLanguage}
      />
    </Sheet>
  );
}

interface DeviceFieldProps {
  session: CallSession;
  kind: MediaDeviceKind;
  label: string;
  onChosen: (id: string) => void;
}

function DeviceField({ session, kind, label, onChosen }: DeviceFieldProps) {
  const { t } = useTranslation();
  const { devices, activeDeviceId, setActiveMediaDevice } = useMediaDeviceSelect({ kind, room: session.room, requestPermissions: false });
  const named = devices.filter((device) => device.deviceId && device.label);
  if (named.length === 0) return null;
  return (
    <Picker
      label={label}
      placeholder={t('lobby.defaultDevice')}
      value={named.some((device) => device.deviceId === activeDeviceId) ? activeDeviceId : null}
      onChange={(id) => {
        session.dismiss('device_refused');
        void setActiveMediaDevice(id).then(
          () => onChosen(id),
          () => session.addHint('device_refused'), // the old one goes on
        );
      }}
      sections={[{ id: 'all', options: named.map((device) => ({ id: device.deviceId, label: device.label })) }]}
    />
  );
}
