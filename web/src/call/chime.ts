/** Two short quiet tones: somebody waits at the door. */
const TONES_HZ = [660, 880];
const TONE_S = 0.16;
const LEVEL = 0.08;

export function chime(): void {
  const context = new AudioContext();
  TONES_HZ.forEach((hertz, number) => {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const from = context.currentTime + number * TONE_S;
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(LEVEL, from);
    gain.gain.exponentialRampToValueAtTime(0.001, from + TONE_S);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + TONE_S);
  });
  setTimeout(() => void context.close(), 1_000);
}
