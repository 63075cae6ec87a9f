// Watches a page of a call from outside: what is heard, what stands there as captions, when the call is entered, how
// bright the others' picture is. Loaded before the page's own code; nothing of the product knows of it. To call_page.py.
(() => {
  const probe = { heard: {}, shown: [], brightness: [], clickedAt: null, enteredAt: null };
  window.__probe = probe;
  const now = () => performance.timeOrigin + performance.now();

  // Heard: every chain of audio nodes is followed from its track to the loudspeakers.
  const chains = new WeakMap();
  const taps = [];
  const connect = AudioNode.prototype.connect;
  const tap = (node, name) => {
    const analyser = node.context.createAnalyser();
    analyser.fftSize = 512;
    connect.call(node, analyser);
    probe.heard[name] ??= [];
    taps.push({ analyser, samples: new Float32Array(512), levels: probe.heard[name] });
  };
  const createSource = AudioContext.prototype.createMediaStreamSource;
  AudioContext.prototype.createMediaStreamSource = function (stream) {
    const source = createSource.call(this, stream);
    const track = stream.getAudioTracks()[0];
    if (track) {
      chains.set(source, track.id);
      tap(source, `arrived ${track.id}`);
    }
    return source;
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    const track = chains.get(this);
    if (track !== undefined && target instanceof AudioNode) {
      if (target instanceof AudioDestinationNode) tap(this, `audible ${track}`);
      else chains.set(target, track);
    }
    return connect.call(this, target, ...rest);
  };
  setInterval(() => {
    for (const { analyser, samples, levels } of taps) {
      analyser.getFloatTimeDomainData(samples);
      let squares = 0;
      for (const sample of samples) squares += sample * sample;
      levels.push([now(), Math.sqrt(squares / samples.length)]);
    }
  }, 10);

  // Captions, and the way into the call.
  let last = '';
  const look = () => {
    const at = now();
    if (probe.enteredAt === null && document.querySelector('main footer nav')) probe.enteredAt = at;
    const cues = [...document.querySelectorAll('[data-testid="cue"]')].flatMap((cue) => {
      const words = cue.querySelector('p[lang]');
      const provisional = words?.querySelector('[class*="provisional"]')?.textContent ?? '';
      return words && !provisional ? [words.textContent] : [];
    });
    const key = JSON.stringify(cues);
    if (key !== last) probe.shown.push([at, cues]);
    last = key;
  };
  const watch = () => new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  watch();
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('button[type="submit"]')) probe.clickedAt = now();
  }, true);

  // Brightness of the first picture that is shown.
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 4;
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  const follow = (video) => {
    video.requestVideoFrameCallback(() => {
      brush.drawImage(video, 0, 0, 4, 4);
      probe.brightness.push([now(), brush.getImageData(0, 0, 1, 1).data[1]]);
      follow(video);
    });
  };
  const followed = new WeakSet();
  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      if (followed.has(video)) continue;
      followed.add(video);
      follow(video);
    }
  }, 100);
})();
