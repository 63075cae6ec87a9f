/** Devices of a browser, as a test wants them: there, refused, missing or in use. */
import { onTestFinished } from 'vitest';

type Outcome = 'works' | 'NotAllowedError' | 'NotFoundError' | 'NotReadableError';

interface Devices {
  microphone?: Outcome;
  camera?: Outcome;
  /** What the browser lists. */
  listed?: Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[];
  /** The browser can share a screen. */
  screens?: boolean;
}

/** Give the page these devices until the test ends. */
export function giveDevices({ microphone = 'works', camera = 'works', listed = [], screens = false }: Devices = {}) {
  const stopped: string[] = [];
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: (constraints: MediaStreamConstraints) => {
      const kind = constraints.audio ? 'microphone' : 'camera';
      const outcome = kind === 'microphone' ? microphone : camera;
      if (outcome !== 'works') return Promise.reject(new DOMException(outcome, outcome));
      const track = { kind, stop: () => stopped.push(kind) };
      return Promise.resolve({ getTracks: () => [track] } as unknown as MediaStream);
    },
    enumerateDevices: () => Promise.resolve(listed.map((device) => ({ groupId: '', ...device }))),
    ...(screens ? { getDisplayMedia: () => Promise.reject(new DOMException('', 'NotAllowedError')) } : {}),
  });
  Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true });
  // jsdom does not know that localhost is one, and LiveKit's hooks ask.
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  onTestFinished(() => {
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true });
  });
  return { devices, stopped };
}
