/** What is asked of LiveKit: picture by 720p30 in layers, and nothing sent or received that nobody sees. */
import { VideoPresets } from 'livekit-client';
import { describe, expect, test } from 'vitest';

import { roomOptions, socketUrl } from './roomOptions';

const NOTHING_CHOSEN = { microphoneId: null, cameraId: null, speakerId: null };
const context = {} as AudioContext;

describe('the room', () => {
  test('takes the camera at 720p30 and sends it in layers', () => {
    const { videoCaptureDefaults, publishDefaults } = roomOptions(NOTHING_CHOSEN, context);

    expect(videoCaptureDefaults?.resolution).toMatchObject({ width: 1280, height: 720 });
    expect(publishDefaults?.videoEncoding).toMatchObject({ maxBitrate: VideoPresets.h720.encoding.maxBitrate, maxFramerate: 30 });
    expect(publishDefaults?.simulcast).toBe(true);
  });

  test('sends and receives only pictures that somebody sees, in the size they have there', () => {
    expect(roomOptions(NOTHING_CHOSEN, context)).toMatchObject({ adaptiveStream: true, dynacast: true });
  });

  test('gives the voice a weak link before the picture', () => {
    const { publishDefaults } = roomOptions(NOTHING_CHOSEN, context);

    expect([publishDefaults?.audioPreset?.priority, publishDefaults?.videoEncoding?.priority]).toEqual(['high', 'low']);
    expect(publishDefaults).toMatchObject({ red: true, dtx: true });
  });

  test('plays all sound through the mix, and uses the devices that were chosen', () => {
    const { webAudioMix, audioCaptureDefaults, videoCaptureDefaults, audioOutput } = roomOptions(
      { microphoneId: 'm', cameraId: 'c', speakerId: 's' },
      context,
    );

    expect((webAudioMix as { audioContext: AudioContext }).audioContext).toBe(context);
    expect([audioCaptureDefaults?.deviceId, videoCaptureDefaults?.deviceId, audioOutput?.deviceId]).toEqual(['m', 'c', 's']);
  });

  test('takes whatever device there is where none was chosen', () => {
    const { audioCaptureDefaults, videoCaptureDefaults, audioOutput } = roomOptions(NOTHING_CHOSEN, context);

    expect([audioCaptureDefaults?.deviceId, videoCaptureDefaults?.deviceId, audioOutput]).toEqual([undefined, undefined, undefined]);
  });
});

test('signalling stays on the origin of the page', () => {
  expect(socketUrl({ protocol: 'https:', host: 'calls.example' }, '/')).toBe('wss://calls.example');
  expect(socketUrl({ protocol: 'http:', host: '127.0.0.1:8000' }, '')).toBe('ws://127.0.0.1:8000');
});
