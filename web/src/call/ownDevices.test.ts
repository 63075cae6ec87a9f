/** My devices in a call: with a browser that refuses, a host who mutes, and a link that gets weak. */
import { describe, expect, onTestFinished, test } from 'vitest';

import { CallStore } from './callStore';
import { OwnDevices } from './ownDevices';
import { PAUSE_AFTER_MS, RESUME_AFTER_MS } from './weakLink';

class FakePublisher {
  readonly asked: string[] = [];
  isCameraEnabled = false;
  isScreenShareEnabled = false;

  constructor(private readonly refusals: Partial<Record<'microphone' | 'camera' | 'share', string>> = {}) {}

  setMicrophoneEnabled(on: boolean) {
    return this.answer('microphone', on);
  }

  setCameraEnabled(on: boolean) {
    this.isCameraEnabled = on;
    return this.answer('camera', on);
  }

  setScreenShareEnabled(on: boolean) {
    this.isScreenShareEnabled = on;
    return this.answer('share', on);
  }

  private answer(device: 'microphone' | 'camera' | 'share', on: boolean): Promise<void> {
    this.asked.push(`${device} ${on ? 'on' : 'off'}`);
    const refusal = this.refusals[device];
    return refusal ? Promise.reject(new DOMException('', refusal)) : Promise.resolve();
  }
}

function devicesWith(publisher = new FakePublisher(), wants = { microphoneOn: true, cameraOn: true }) {
  const store = new CallStore();
  const clock = { ms: 0 };
  const devices = new OwnDevices({ publisher, store, ...wants, onChanged: () => undefined, now: () => clock.ms });
  return { devices, publisher, store, clock };
}

describe('on joining', () => {
  test('what was on in the lobby is published, and nothing else', async () => {
    const { devices, publisher } = devicesWith(new FakePublisher(), { microphoneOn: true, cameraOn: false });

    await devices.publish();

    expect(publisher.asked).toEqual(['microphone on']);
  });

  test('a denied microphone and a missing camera are said, and the call goes on', async () => {
    const { devices, store } = devicesWith(new FakePublisher({ microphone: 'NotAllowedError', camera: 'NotFoundError' }));

    await devices.publish();

    expect(store.get().hints).toEqual(['microphone_denied', 'camera_absent']);
    expect(store.get().end).toBeNull();
  });

  test('closing the picker of screens is no failure, another refusal is', async () => {
    const closed = devicesWith(new FakePublisher({ share: 'NotAllowedError' }));
    const failed = devicesWith(new FakePublisher({ share: 'AbortError' }));

    await closed.devices.setScreenShare(true);
    await failed.devices.setScreenShare(true);

    expect([closed.store.get().hints, failed.store.get().hints]).toEqual([[], ['share_failed']]);
  });
});

describe('a screen that was shared when the connection went away', () => {
  test('is not shared after coming back with another ticket, which is said', async () => {
    const { devices, publisher, store } = devicesWith();
    await devices.setScreenShare(true);

    devices.connectionLost({ sharing: true });
    publisher.isScreenShareEnabled = false;
    await devices.publish();
    const said = store.get().hints;
    await devices.setScreenShare(true);

    expect(said).toEqual(['share_lost']);
    expect(publisher.asked.filter((it) => it.startsWith('share'))).toEqual(['share on', 'share on']);
    expect(store.get().hints).toEqual([]);
  });

  test('is missed by nobody if it was not shared, is shared still, or was given up meanwhile', async () => {
    const never = devicesWith();
    const still = devicesWith();
    await still.devices.setScreenShare(true);
    const givenUp = devicesWith();

    never.devices.connectionLost({ sharing: false });
    still.devices.connectionLost({ sharing: true });
    givenUp.devices.connectionLost({ sharing: true });
    await givenUp.devices.setScreenShare(false);
    for (const { devices } of [never, still, givenUp]) await devices.publish();

    expect([never, still, givenUp].flatMap(({ store }) => store.get().hints)).toEqual([]);
  });
});

describe('a weak link', () => {
  test('costs the picture and never the voice, with a notice', async () => {
    const { devices, publisher, store, clock } = devicesWith();
    await devices.publish();

    devices.observeQuality('weak');
    clock.ms = PAUSE_AFTER_MS;
    await devices.watch();

    expect(publisher.asked).toEqual(['microphone on', 'camera on', 'camera off']);
    expect(store.get().hints).toEqual(['camera_paused']);
  });

  test('gives the picture back by itself once it has been good for long, and takes the notice away', async () => {
    const { devices, publisher, store, clock } = devicesWith();
    await devices.publish();
    devices.observeQuality('weak');
    clock.ms = PAUSE_AFTER_MS;
    await devices.watch();

    devices.observeQuality('good');
    clock.ms += RESUME_AFTER_MS;
    await devices.watch();

    expect(publisher.asked.at(-1)).toBe('camera on');
    expect(store.get().hints).toEqual([]);
  });

  test('leaves the picture to the person who turned it on again, however long it stays weak', async () => {
    const { devices, publisher, store, clock } = devicesWith();
    await devices.publish();
    devices.observeQuality('weak');
    clock.ms = PAUSE_AFTER_MS;
    await devices.watch();

    await devices.setCamera(true);
    clock.ms += PAUSE_AFTER_MS;
    await devices.watch();

    expect(publisher.asked.at(-1)).toBe('camera on');
    expect(store.get().hints).toEqual([]);
  });

  test('a camera that is off stays off, and nothing is said', async () => {
    const { devices, publisher, store, clock } = devicesWith(new FakePublisher(), { microphoneOn: true, cameraOn: false });
    await devices.publish();

    devices.observeQuality('weak');
    clock.ms = PAUSE_AFTER_MS;
    await devices.watch();

    expect([publisher.asked, store.get().hints]).toEqual([['microphone on'], []]);
  });
});

/** A browser that says this of every permission; without an answer it cannot be asked, as Safari of old. */
function browserSays(state: PermissionState | null) {
  const query = () => (state ? Promise.resolve({ state }) : Promise.reject(new TypeError('no such permission')));
  Object.defineProperty(navigator, 'permissions', { value: { query }, configurable: true });
  onTestFinished(() => {
    Object.defineProperty(navigator, 'permissions', { value: undefined, configurable: true });
  });
}

test('being muted by somebody else is said, muting oneself is not', async () => {
  const { devices, store } = devicesWith();

  await devices.setMicrophone(false);
  await devices.microphoneMuted('live');
  const own = store.get().hints;
  await devices.setMicrophone(true);
  await devices.microphoneMuted('live');

  expect([own, store.get().hints]).toEqual([[], ['muted_by_host']]);
});

describe('a device that ends in the middle of a call', () => {
  test.each([
    ['unplugged', 'granted', 'absent'],
    ['taken back by its permission', 'denied', 'denied'],
    ['gone in a browser that cannot say why', null, 'absent'],
  ] as const)('is said to be so when it is %s, and the host is not blamed', async (_, permission, problem) => {
    browserSays(permission);
    const { devices, store } = devicesWith();
    await devices.publish();

    await devices.microphoneMuted('ended');
    await devices.cameraMuted();

    expect(store.get().hints).toEqual([`microphone_${problem}`, `camera_${problem}`]);
  });

  test('stays off after the connection was lost, and is said no more once it is on again', async () => {
    browserSays('granted');
    const { devices, publisher, store } = devicesWith();
    await devices.publish();
    await devices.microphoneMuted('ended');
    await devices.cameraMuted();

    await devices.publish();
    const asked = [...publisher.asked];
    await devices.setMicrophone(true);
    await devices.setCamera(true);

    expect(asked).toEqual(['microphone on', 'camera on']);
    expect(store.get().hints).toEqual([]);
  });

  test('is not said of a camera that I turned off, or that a weak link costs', async () => {
    browserSays('granted');
    const mine = devicesWith();
    await mine.devices.publish();
    const weak = devicesWith();
    await weak.devices.publish();

    await mine.devices.setCamera(false);
    await mine.devices.cameraMuted();
    weak.devices.observeQuality('weak');
    weak.clock.ms = PAUSE_AFTER_MS;
    await weak.devices.watch();
    await weak.devices.cameraMuted();

    expect([mine.store.get().hints, weak.store.get().hints]).toEqual([[], ['camera_paused']]);
  });
});
