/** A Web Audio API without sound: a clock wound by hand, gains that remember their ramps, analysers fed with a level. */
export class FakeParam {
  value = 1;
  readonly ramps: { to: number; atS: number }[] = [];

  setValueAtTime(value: number): void {
    this.value = value;
  }
  exponentialRampToValueAtTime(to: number, atS: number): void {
    this.ramps.push({ to, atS });
    this.value = to;
  }
  setTargetAtTime(value: number): void {
    this.value = value;
  }
  cancelScheduledValues(): void {
    // The next ramp replaces the last.
  }
}

export class FakeGain {
  readonly gain = new FakeParam();
}

export class FakeAnalyser {
  fftSize = 0;
  level = 0;

  getFloatTimeDomainData(samples: Float32Array): void {
    samples.fill(this.level);
  }
}

export class FakeAudioContext {
  currentTime = 0;
  state = 'running';
  readonly destination = {};
  readonly gains: FakeGain[] = [];
  readonly analysers: FakeAnalyser[] = [];

  createGain(): FakeGain {
    const gain = new FakeGain();
    this.gains.push(gain);
    return gain;
  }
  createAnalyser(): FakeAnalyser {
    const analyser = new FakeAnalyser();
    this.analysers.push(analyser);
    return analyser;
  }
  createMediaStreamSource() {
    return { connect: () => undefined };
  }
  resume(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
