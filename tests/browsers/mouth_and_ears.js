/*
 * Runs in a page before its own scripts: a mouth that says what a test gives it, and ears on all that the page sounds.
 *
 * The mouth stands in for the microphone (`getUserMedia`), so that a test chooses the moment of a word. The ears listen
 * where sound leaves the page: whatever is connected to an AudioContext's destination is also written to a tape of
 * eight channels, one for each track it comes from, all on the same clock. Nothing of the product is changed.
 */
(() => {
  const CHANNELS = 8;

  // --- what the browser says about the page
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
  });
  window.iceServers = [];
  const PeerConnection = window.RTCPeerConnection;
  if (PeerConnection) {
    const noteServers = (settings) => {
      for (const server of settings?.iceServers ?? []) window.iceServers.push(...[server.urls].flat());
    };
    const configure = PeerConnection.prototype.setConfiguration;
    PeerConnection.prototype.setConfiguration = function (settings) {
      noteServers(settings);
      return configure.call(this, settings);
    };
    window.RTCPeerConnection = class extends PeerConnection {
      constructor(settings) {
        super(settings);
        noteServers(settings);
      }
    };
  }

  // --- mouth
  let voice = null;
  let lips = null;
  let hum = null;
  const open = () => {
    if (voice) return;
    voice = new AudioContext({ sampleRate: 48000 });
    lips = voice.createGain();
  };
  const microphone = () => {
    open();
    void voice.resume();
    const destination = voice.createMediaStreamDestination();
    destination.channelCount = 1;
    lips.connect(destination);
    return destination.stream.getAudioTracks();
  };
  const camera = () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const pen = canvas.getContext('2d');
    let frame = 0;
    const draw = () => {
      const light = pen.createLinearGradient(0, 0, 320, 180);
      light.addColorStop(0, '#3b5b73');
      light.addColorStop(1, '#8a6f5a');
      pen.fillStyle = light;
      pen.fillRect(0, 0, 320, 180);
      pen.fillStyle = '#e8c9a8';
      pen.beginPath();
      pen.ellipse(160 + 4 * Math.sin(frame / 8), 80, 32, 40, 0, 0, 7);
      pen.ellipse(160, 190, 80, 64, 0, 0, 7);
      pen.fill();
      frame += 1;
    };
    draw();
    const timer = setInterval(draw, 125);
    const tracks = canvas.captureStream(8).getVideoTracks();
    tracks[0].addEventListener('ended', () => clearInterval(timer));
    return tracks;
  };
  const samplesOf = (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32768);
  };
  window.mouth = {
    /** Begin to say mono 16-bit samples; gives their seconds. */
    say(base64, rate) {
      open();
      const samples = samplesOf(base64);
      const buffer = voice.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(samples, 0);
      const source = voice.createBufferSource();
      source.buffer = buffer;
      source.connect(lips);
      source.start();
      return buffer.duration;
    },
    /** Keep a tone sounding under everything that is said; null ends it. */
    hum(hertz, level) {
      open();
      hum?.stop();
      hum = null;
      if (hertz === null) return;
      hum = voice.createOscillator();
      hum.frequency.value = hertz;
      const gain = voice.createGain();
      gain.gain.value = level;
      hum.connect(gain).connect(lips);
      hum.start();
    },
  };
  if (navigator.mediaDevices) {
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) =>
      new MediaStream([...(audio ? microphone() : []), ...(video ? camera() : [])]);
  }

  // --- ears
  const tracks = new WeakMap(); // node -> id of the track that it sounds
  const tapes = new WeakMap(); // context -> merger of its tape
  const LOUD = 0.01;
  const tape = { rate: 0, channels: [], pieces: [], samples: 0, on: false, original: null, lastLoud: [] };
  const record = async (context, track) => {
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 1000 }).readable.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const data = next.value;
      if (tape.on) {
        const count = data.numberOfFrames;
        const plane = new Float32Array(count);
        const piece = [];
        for (let channel = 0; channel < Math.min(tape.channels.length, data.numberOfChannels); channel += 1) {
          data.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
          piece.push(Int16Array.from(plane, (sample) => Math.max(-1, Math.min(1, sample)) * 32767));
          if (plane.some((sample) => Math.abs(sample) > LOUD)) {
            tape.original ??= channel; // nothing is translated before it is said
            tape.lastLoud[channel] = tape.samples + count;
          }
        }
        tape.pieces.push({ at: tape.samples, count, piece });
        tape.samples += count;
        tape.rate = data.sampleRate;
      }
      data.close();
    }
  };
  const mergerOf = (context) => {
    if (!tapes.has(context)) {
      const merger = context.createChannelMerger(CHANNELS);
      const destination = context.createMediaStreamDestination();
      destination.channelCount = CHANNELS;
      merger.connect(destination);
      tapes.set(context, merger);
      void record(context, destination.stream.getAudioTracks()[0]);
    }
    return tapes.get(context);
  };
  const createSource = AudioContext.prototype.createMediaStreamSource;
  AudioContext.prototype.createMediaStreamSource = function (stream) {
    const node = createSource.call(this, stream);
    tracks.set(node, stream.getAudioTracks()[0]?.id ?? stream.id);
    return node;
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...ports) {
    const track = tracks.get(this);
    if (track !== undefined && to instanceof AudioNode) tracks.set(to, track);
    if (track !== undefined && to instanceof AudioDestinationNode && 'MediaStreamTrackProcessor' in window) {
      if (!tape.channels.includes(track)) tape.channels.push(track);
      const place = tape.channels.indexOf(track);
      if (place < CHANNELS) connect.call(this, mergerOf(this.context), 0, place);
    }
    return connect.call(this, to, ...ports);
  };
  window.ears = {
    /** Listen from now on; what was heard before is forgotten. */
    listen() {
      Object.assign(tape, { pieces: [], samples: 0, on: true, original: null, lastLoud: [] });
    },
    /** What was heard since: 16-bit samples of every channel, base64, and the times are the same in all. */
    heard() {
      return {
        rate: tape.rate,
        channels: tape.channels.map((_, channel) => {
          const samples = new Int16Array(tape.samples);
          for (const { at, piece } of tape.pieces) if (piece[channel]) samples.set(piece[channel], at);
          const bytes = new Uint8Array(samples.buffer);
          let letters = '';
          for (let first = 0; first < bytes.length; first += 32768) {
            letters += String.fromCharCode(...bytes.subarray(first, first + 32768));
          }
          return btoa(letters);
        }),
      };
    },
    /** Seconds heard so far. */
    seconds: () => (tape.rate ? tape.samples / tape.rate : 0),
    /** When each channel was loud last, in these seconds; null if it never was. */
    lastLoud: () => tape.channels.map((_, channel) => (tape.lastLoud[channel] ?? null) && tape.lastLoud[channel] / tape.rate),
    /** The same of all but the original, which was loud first; it may be silent under a dub. */
    dubsLastLoud: () => ears.lastLoud().filter((loud, channel) => loud !== null && channel !== tape.original),
    /** Elements that sound beside the tape: there should be none. */
    loudElements: () =>
      [...document.querySelectorAll('audio, video')].filter((element) => !element.muted && element.volume > 0).length,
  };
})();
