/** A picture that moves: a LiveKit track or a preview. */
import { useEffect, useRef } from 'react';

import type { VideoSource } from '../call/callState';
import styles from './Video.module.css';
import { classes } from './classes';

interface VideoProps {
  source: VideoSource;
  /** Oneself is shown as in a mirror. */
  mirrored?: boolean;
  /** Show all of it, as screens need; faces fill their tile. */
  whole?: boolean;
}

export function Video({ source, mirrored, whole }: VideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    source.attach(video);
    return () => {
      source.detach(video);
    };
  }, [source]);
  return (
    <video
      ref={element}
      className={classes(styles.video, mirrored && styles.mirrored, whole && styles.whole)}
      autoPlay
      playsInline
      muted
      aria-hidden
    />
  );
}
