/** The page's buttons: with words, or a round one with an icon and a name. */
import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger, type ButtonProps as AriaButtonProps } from 'react-aria-components';

import styles from './Button.module.css';
import { classes } from './classes';

export type Tone = 'primary' | 'plain' | 'quiet' | 'danger';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  tone?: Tone;
  icon?: ReactNode;
  /** As wide as what it stands in. */
  wide?: boolean;
  large?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = 'plain', icon, wide, large, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={classes(styles.button, styles[tone], wide && styles.wide, large && styles.large)}>
      {icon}
      <span className={styles.words}>{children}</span>
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  /** Read by screen readers, and shown as a tooltip. */
  label: string;
  icon: ReactNode;
  tone?: 'plain' | 'quiet' | 'stage' | 'off' | 'danger';
  /** A word under or beside the icon; on wide windows only. */
  caption?: string;
  pressed?: boolean;
  placement?: 'top' | 'bottom' | 'left';
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, icon, tone = 'quiet', caption, pressed, placement = 'top', ...props }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={100}>
      <AriaButton
        {...props}
        // What is read holds what is seen, or nobody could call it by its name.
        aria-label={caption && caption !== label ? `${caption}: ${label}` : label}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        className={classes(styles.icon, styles[`icon_${tone}`], pressed === true && styles.pressed, caption && styles.captioned)}
      >
        {icon}
        {caption ? <span className={styles.caption}>{caption}</span> : null}
      </AriaButton>
      <Tooltip placement={placement} offset={8} className={styles.tooltip ?? ''}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
