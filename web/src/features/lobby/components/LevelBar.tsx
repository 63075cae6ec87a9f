/** How loud the microphone is, live, and in words once it was heard. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LevelMeter } from '../../../call/devices';
import styles from './LevelBar.module.css';

const HEARD_LEVEL = 0.35;
const EVERY_MS = 60;

export function LevelBar({ stream }: { stream: MediaStream | null }) {
  const { t } = useTranslation();
  const bar = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (!stream) return;
    const meter = new LevelMeter(stream);
    const element = bar.current;
    const timer = setInterval(() => {
      const level = meter.level();
      element?.style.setProperty('--level', String(level));
      if (level > HEARD_LEVEL) setHeard(true);
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      element?.style.setProperty('--level', '0');
      meter.close();
    };
  }, [stream]);
  return (
    <div className={styles.level}>
      <div className={styles.bar} ref={bar} aria-hidden>
        <div className={styles.fill} />
      </div>
      <p className={styles.words} role="status">
        {!stream ? t('lobby.microphoneIsOff') : heard ? t('lobby.weHearYou') : t('lobby.speakToTest')}
      </p>
    </div>
  );
}
