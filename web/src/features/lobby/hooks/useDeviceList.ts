/** The devices there are, by name; names come only after the browser was allowed to use one. */
import { useEffect, useState } from 'react';

export interface NamedDevice {
  id: string;
  label: string;
}

export function useDeviceList(kind: MediaDeviceKind, refreshOn: unknown): NamedDevice[] {
  const [devices, setDevices] = useState<NamedDevice[]>([]);
  useEffect(() => {
    const source = navigator.mediaDevices as MediaDevices | undefined;
    if (!source) return;
    let gone = false;
    const list = () => {
      source.enumerateDevices().then(
        (found) =>
          gone ||
          setDevices(
            found
              .filter((device) => device.kind === kind && device.deviceId && device.deviceId !== 'default' && device.label)
              .map((device) => ({ id: device.deviceId, label: device.label })),
          ),
        () => gone || setDevices([]),
      );
    };
    list();
    source.addEventListener('devicechange', list);
    return () => {
      gone = true;
      source.removeEventListener('devicechange', list);
    };
  }, [kind, refreshOn]);
  return devices;
}
