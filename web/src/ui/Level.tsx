/** How far something is, 0 to 1, set by hand. */
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';

import styles from './Level.module.css';

interface LevelProps {
  label: string;
  /** 0 to 1. */
  value: number;
  onChange: (value: number) => void;
  isDisabled?: boolean;
}

export function Level({ label, value, onChange, isDisabled = false }: LevelProps) {
  return (
    <Slider
      className={styles.slider ?? ''}
      value={Math.round(value * 100)}
      minValue={0}
      maxValue={100}
      step={1}
      isDisabled={isDisabled}
      onChange={(percent) => onChange((Array.isArray(percent) ? (percent[0] ?? 0) : percent) / 100)}
      formatOptions={{ style: 'unit', unit: 'percent' }}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <SliderOutput className={styles.output ?? ''} />
      <SliderTrack className={styles.track ?? ''}>
        {({ state }) => (
          <>
            <div className={styles.rail} />
            <div
              className={styles.fill}
              ref={(element) => element?.style.setProperty('--part', `${state.getThumbPercent(0) * 100}%`)}
            />
            <SliderThumb className={styles.thumb ?? ''} />
          </>
        )}
      </SliderTrack>
    </Slider>
  );
}
