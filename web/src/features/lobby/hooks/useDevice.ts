/** Keeps one device open while it is wanted, and says why it is not. */
import { useCallback, useEffect, useState } from 'react';

import { deviceProblem, openDevice, stopStream, type DeviceKind, type DeviceProblem } from '../../../call/devices';

export interface OpenDevice {
  stream: MediaStream | null;
  problem: DeviceProblem | null;
  retry: () => void;
}

export function useDevice(kind: DeviceKind, wanted: boolean, deviceId: string | null): OpenDevice {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [problem, setProblem] = useState<DeviceProblem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const retry = useCallback(() => setAttempt((before) => before + 1), []);

  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    let opened: MediaStream | null = null;
    openDevice(kind, deviceId).then(
      (found) => {
        if (gone) {
          stopStream(found);
          return;
        }
        opened = found;
        setProblem(null);
        setStream(found);
      },
      (error: unknown) => gone || setProblem(deviceProblem(error)),
    );
    return () => {
      gone = true;
      stopStream(opened);
      setStream(null);
    };
  }, [kind, wanted, deviceId, attempt]);

  // A device that is plugged in is found by itself.
  useEffect(() => {
    if (problem !== 'absent') return;
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    devices?.addEventListener('devicechange', retry);
    return () => devices?.removeEventListener('devicechange', retry);
  }, [problem, retry]);

  return { stream: wanted ? stream : null, problem: wanted ? problem : null, retry };
}
