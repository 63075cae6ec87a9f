/** A switch with one sentence of what it does. */
import type { ReactNode } from 'react';
import { SwitchButton, SwitchField, Text, type SwitchFieldProps } from 'react-aria-components';

import styles from './Toggle.module.css';

interface ToggleProps extends Omit<SwitchFieldProps, 'className' | 'style' | 'children'> {
  label: string;
  help?: ReactNode;
}

export function Toggle({ label, help, ...props }: ToggleProps) {
  return (
    <SwitchField {...props} className={styles.field ?? ''}>
      <SwitchButton className={styles.toggle ?? ''}>
        <span className={styles.label}>{label}</span>
        <span className={styles.track}>
          <span className={styles.knob} />
        </span>
      </SwitchButton>
      {help ? (
        <Text slot="description" className={styles.help ?? ''}>
          {help}
        </Text>
      ) : null}
    </SwitchField>
  );
}
