/** Devices of a browser, as a test wants them: there, refused, missing or in use. */
import { onTestFinished } from 'vitest';

type Outcome = 'works' | 'NotAllowedError' | 'NotFoundError' | 'NotReadableError';

interface Devices {
  microphone?: Outcome;
  camera?: Outcome;
}

/** Give the page these devices until the test ends. */
export function giveDevices({ microphone = 'works', camera = 'works' }: Devices = {}) {
  const stopped: string[] = [];
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: (constraints: MediaStreamConstraints) => {
      const kind = constraints.audio ? 'microphone' : 'camera';
      const outcome = kind === 'microphone' ? microphone : camera;
      if (outcome !== 'works') return Promise.reject(new DOMException(outcome, outcome));
      const track = { kind, stop: () => stopped.push(kind) };
      return Promise.resolve({ getTracks: () => [track] } as unknown as MediaStream);
    },
    enumerateDevices: () => Promise.resolve([]),
  });
  Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true });
  onTestFinished(() => {
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true });
  });
  return { devices, stopped };
}
