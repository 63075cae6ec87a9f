/** Camera and microphone before a call: what there is, whether we may use it, and how loud it is. To `features/lobby`. */

/** Why a device does not work: refused, missing, or in use by another program. */
export type DeviceProblem = (typeof DEVICE_PROBLEMS)[number];
export const DEVICE_PROBLEMS = ['denied', 'absent', 'failed'] as const;

export type DeviceKind = 'microphone' | 'camera';

/** Name what `getUserMedia` (or LiveKit, which passes it on) threw. */
export function deviceProblem(error: unknown): DeviceProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'PermissionDeniedError') return 'denied';
  if (name === 'NotFoundError' || name === 'DevicesNotFoundError' || name === 'OverconstrainedError') return 'absent';
  return 'failed';
}

/** Why a device that was in use has ended: permission was taken back, or it is gone. */
export async function endedProblem(kind: DeviceKind): Promise<DeviceProblem> {
  try {
    const { state } = await navigator.permissions.query({ name: kind });
    return state === 'denied' ? 'denied' : 'absent';
  } catch {
    return 'absent'; // a browser that cannot be asked about this permission, or about any
  }
}

/** Open one device. Raises what the browser raises; read it with `deviceProblem`. */
export async function openDevice(kind: DeviceKind, deviceId: string | null): Promise<MediaStream> {
  // Plain http on a network has no mediaDevices at all: the browser's way of refusing.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new DOMException('microphones need https', 'NotAllowedError');
  const which = deviceId ? { deviceId: { ideal: deviceId } } : {};
  return kind === 'microphone'
    ? devices.getUserMedia({ audio: { ...which, echoCancellation: true, noiseSuppression: true } })
    : devices.getUserMedia({ video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } });
}

export function stopStream(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Measures a microphone. `level` is 0 to 1, straight in decibels from -60 to -10 dB. */
export class LevelMeter {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(stream: MediaStream) {
    this.analyser.fftSize = 2048;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(stream).connect(this.analyser);
  }

  level(): number {
    // A page opened without a click starts with its sound asleep.
    if (this.context.state === 'suspended') void this.context.resume();
    this.analyser.getFloatTimeDomainData(this.samples);
    let squares = 0;
    for (const sample of this.samples) squares += sample * sample;
    return levelOf(Math.sqrt(squares / this.samples.length));
  }

  close(): void {
    void this.context.close();
  }
}

/** Show a root mean square of full scale as 0 to 1. */
export function levelOf(rms: number): number {
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}
