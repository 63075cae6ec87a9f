/** How this page publishes and receives: the options of LiveKit's room, and where its signalling is. */
import { AudioPresets, DefaultReconnectPolicy, VideoPresets, type RoomOptions } from 'livekit-client';

interface Devices {
  microphoneId: string | null;
  cameraId: string | null;
  speakerId: string | null;
}

/**
 * Waits before LiveKit's own tries to come back. A restarted media server is there within a second or two, and after
 * these tries `comingBack.ts` asks for a new token, which LiveKit cannot.
 */
const RETRY_AFTER_MS = [100, 300, 500, 700, 1_000, 1_000, 1_500, 2_000];

/** Camera 720p30 in three layers, voice first where a link is weak, and all sound through `context`. */
export function roomOptions(devices: Devices, context: AudioContext): RoomOptions {
  return {
    adaptiveStream: true,
    dynacast: true,
    reconnectPolicy: new DefaultReconnectPolicy(RETRY_AFTER_MS),
    webAudioMix: { audioContext: context },
    ...(devices.speakerId ? { audioOutput: { deviceId: devices.speakerId } } : {}),
    audioCaptureDefaults: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(devices.microphoneId ? { deviceId: devices.microphoneId } : {}),
    },
    videoCaptureDefaults: {
      resolution: VideoPresets.h720.resolution,
      ...(devices.cameraId ? { deviceId: devices.cameraId } : {}),
    },
    publishDefaults: {
      audioPreset: { ...AudioPresets.speech, priority: 'high' },
      videoEncoding: { ...VideoPresets.h720.encoding, maxFramerate: 30, priority: 'low' },
      simulcast: true,
      dtx: true,
      red: true,
    },
  };
}

/** The address of LiveKit's signalling on this page's own origin. */
export function socketUrl(location: { protocol: string; host: string }, serverPath: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}${serverPath.replace(/\/$/, '')}`;
}
