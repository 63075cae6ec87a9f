/**
 * My own microphone, camera and screen in a call: what I want, what the browser gives, and what a weak link costs.
 *
 * `weakLink.ts` decides when the camera pauses; `devices.ts` names what failed. For `liveKitCall.ts`.
 */
import type { CallStore } from './callStore';
import { DEVICE_PROBLEMS, deviceProblem, endedProblem, type DeviceKind } from './devices';
import { WeakLink, type Quality } from './weakLink';

/** What is needed of LiveKit's local participant. */
export interface Publisher {
  readonly isCameraEnabled: boolean;
  readonly isScreenShareEnabled: boolean;
  setMicrophoneEnabled(on: boolean): Promise<unknown>;
  setCameraEnabled(on: boolean): Promise<unknown>;
  setScreenShareEnabled(on: boolean, options: { audio: boolean }): Promise<unknown>;
}

interface OwnDevicesOptions {
  publisher: Publisher;
  store: CallStore;
  microphoneOn: boolean;
  cameraOn: boolean;
  onChanged: () => void;
  now: () => number;
}

export class OwnDevices {
  private readonly weakLink = new WeakLink();
  private wantsMicrophone: boolean;
  private wantsCamera: boolean;
  private cameraPausedByUs = false;
  private sharedAtLoss = false;

  constructor(private readonly options: OwnDevicesOptions) {
    this.wantsMicrophone = options.microphoneOn;
    this.wantsCamera = options.cameraOn;
  }

  /** Publish what is wanted, after joining and after every coming back. */
  async publish(): Promise<void> {
    // A browser opens its picker of screens only when somebody presses something, so this is said instead of done.
    if (this.sharedAtLoss && !this.options.publisher.isScreenShareEnabled) this.options.store.addHint('share_lost');
    this.sharedAtLoss = false;
    await Promise.all([
      this.wantsMicrophone && this.setMicrophone(true),
      this.wantsCamera && !this.cameraPausedByUs && this.setCamera(true),
    ]);
  }

  /** The connection went away while my screen was seen, or was not. */
  connectionLost({ sharing }: { sharing: boolean }): void {
    this.sharedAtLoss = sharing;
  }

  async setMicrophone(on: boolean): Promise<void> {
    this.wantsMicrophone = on;
    this.options.store.dismiss('muted_by_host');
    await this.trySwitching('microphone', () => this.options.publisher.setMicrophoneEnabled(on));
  }

  async setCamera(on: boolean): Promise<void> {
    this.wantsCamera = on;
    this.cameraPausedByUs = false;
    this.weakLink.reset();
    this.options.store.dismiss('camera_paused');
    await this.trySwitching('camera', () => this.options.publisher.setCameraEnabled(on));
  }

  async setScreenShare(on: boolean): Promise<void> {
    this.sharedAtLoss = false;
    this.options.store.dismiss('share_lost');
    try {
      await this.options.publisher.setScreenShareEnabled(on, { audio: true });
    } catch (error) {
      // Closing the browser's picker is a choice, not a failure.
      if (!(error instanceof DOMException && error.name === 'NotAllowedError')) this.options.store.addHint('share_failed');
    }
    this.options.onChanged();
  }

  /**
   * My microphone was muted: by me, by the host, or by LiveKit, which mutes what has ended and cannot be started again.
   * `capture` is the browser's track behind it.
   */
  async microphoneMuted(capture: MediaStreamTrackState): Promise<void> {
    if (!this.wantsMicrophone) return;
    this.wantsMicrophone = false;
    if (capture === 'ended') await this.tellEnded('microphone');
    else this.options.store.addHint('muted_by_host');
  }

  /** My camera was muted: by me, for a weak link, or by LiveKit, as above. No host mutes cameras. */
  async cameraMuted(): Promise<void> {
    if (!this.wantsCamera || this.cameraPausedByUs) return;
    this.wantsCamera = false;
    await this.tellEnded('camera');
  }

  observeQuality(quality: Quality): void {
    this.weakLink.observe(quality, this.options.now());
  }

  /** Let time pass: a weak link costs the picture, never the voice. */
  async watch(): Promise<void> {
    const { publisher, store, now } = this.options;
    const todo = this.weakLink.decide(now());
    if (todo === 'pause' && publisher.isCameraEnabled) {
      this.cameraPausedByUs = true;
      store.addHint('camera_paused');
      await this.trySwitching('camera', () => publisher.setCameraEnabled(false));
    } else if (todo === 'resume' && this.cameraPausedByUs) {
      await this.setCamera(true);
    }
  }

  private async tellEnded(device: DeviceKind): Promise<void> {
    this.options.store.addHint(`${device}_${await endedProblem(device)}`);
  }

  private async trySwitching(device: DeviceKind, switchIt: () => Promise<unknown>): Promise<void> {
    // What was said of it before is over, whichever button this was.
    for (const problem of DEVICE_PROBLEMS) this.options.store.dismiss(`${device}_${problem}`);
    try {
      await switchIt();
    } catch (error) {
      this.options.store.addHint(`${device}_${deviceProblem(error)}`);
    }
    this.options.onChanged();
  }
}
