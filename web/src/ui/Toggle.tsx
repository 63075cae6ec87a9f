/** A switch with one sentence of what it does. */
import type { ReactNode } from 'react';
import { Switch, type SwitchProps } from 'react-aria-components';

import styles from './Toggle.module.css';

interface ToggleProps extends Omit<SwitchProps, 'className' | 'style' | 'children'> {
  label: string;
  help?: ReactNode;
}

export function Toggle({ label, help, ...props }: ToggleProps) {
  return (
    <Switch {...props} className={styles.toggle ?? ''}>
      <span className={styles.words}>
        <span className={styles.label}>{label}</span>
        {help ? <span className={styles.help}>{help}</span> : null}
      </span>
      <span className={styles.track}>
        <span className={styles.knob} />
      </span>
    </Switch>
  );
}
