/** A choice of a few, side by side. */
import { Label, RadioButton, RadioField, RadioGroup, Text } from 'react-aria-components';

import styles from './Choice.module.css';
import { classes } from './classes';

interface ChoiceProps<Value extends string> {
  label: string;
  /** The name is only for screen readers. */
  labelHidden?: boolean;
  options: readonly { value: Value; label: string; disabled?: boolean }[];
  value: Value;
  onChange: (value: Value) => void;
  /** One under the other, with a dot. */
  stacked?: boolean;
  /** A sentence under the options. */
  help?: string;
}

export function Choice<Value extends string>({ label, labelHidden, options, value, onChange, stacked, help }: ChoiceProps<Value>) {
  return (
    <RadioGroup
      value={value}
      onChange={(chosen) => onChange(chosen as Value)}
      orientation={stacked ? 'vertical' : 'horizontal'}
      className={styles.group ?? ''}
    >
      <Label className={labelHidden ? 'visuallyHidden' : (styles.label ?? '')}>{label}</Label>
      <div className={classes(styles.options, stacked ? styles.stacked : styles.side)}>
        {options.map((option) => (
          <RadioField key={option.value} value={option.value} isDisabled={option.disabled ?? false} className={styles.field ?? ''}>
            <RadioButton className={styles.option ?? ''}>
              {stacked ? <span className={styles.dot} /> : null}
              {option.label}
            </RadioButton>
          </RadioField>
        ))}
      </div>
      {help ? (
        <Text slot="description" className={styles.help ?? ''}>
          {help}
        </Text>
      ) : null}
    </RadioGroup>
  );
}
