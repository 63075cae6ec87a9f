/** A line to write in, with its name above and help or a fault below. */
import type { ReactNode, Ref } from 'react';
import { FieldError, Input, Label, Text, TextField, type TextFieldProps } from 'react-aria-components';

import styles from './Field.module.css';

interface FieldProps extends Omit<TextFieldProps, 'className' | 'style' | 'children'> {
  label: string;
  placeholder?: string;
  help?: string | undefined;
  fault?: string | null;
  /** Stands behind the line, as a button. */
  action?: ReactNode;
  inputRef?: Ref<HTMLInputElement>;
}

export function Field({ label, placeholder, help, fault, action, inputRef, ...props }: FieldProps) {
  return (
    <TextField {...props} isInvalid={Boolean(fault)} className={styles.field ?? ''}>
      <Label className={styles.label ?? ''}>{label}</Label>
      <div className={styles.row}>
        <Input {...(inputRef ? { ref: inputRef } : {})} className={styles.input ?? ''} {...(placeholder ? { placeholder } : {})} />
        {action}
      </div>
      {help && !fault ? (
        <Text slot="description" className={styles.help ?? ''}>
          {help}
        </Text>
      ) : null}
      <FieldError className={styles.fault ?? ''}>{fault}</FieldError>
    </TextField>
  );
}
