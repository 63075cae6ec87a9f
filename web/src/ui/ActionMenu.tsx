/** A list of things to do, opened by a button. */
import type { ReactNode } from 'react';
import { Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator, type PopoverProps } from 'react-aria-components';

import styles from './ActionMenu.module.css';
import { classes } from './classes';

export interface Action {
  id: string;
  label: string;
  icon: ReactNode;
  onAction: () => void;
  danger?: boolean;
  checked?: boolean;
}

interface ActionMenuProps extends Pick<PopoverProps, 'placement'> {
  label: string;
  /** Parts with a line between them; empty ones vanish. */
  parts: Action[][];
  /** The button. */
  children: ReactNode;
}

export function ActionMenu({ label, parts, children, placement = 'top' }: ActionMenuProps) {
  const shown = parts.filter((part) => part.length > 0);
  return (
    <MenuTrigger>
      {children}
      <Popover placement={placement} offset={12} className={styles.popover ?? ''}>
        <Menu aria-label={label} className={styles.menu ?? ''}>
          {shown.flatMap((part, index) => [
            ...(index > 0 ? [<Separator key={`line ${index}`} className={styles.line ?? ''} />] : []),
            <MenuSection key={part[0]?.id} aria-label={label}>
              {part.map((action) => (
                <MenuItem
                  key={action.id}
                  id={action.id}
                  onAction={action.onAction}
                  textValue={action.label}
                  className={classes(styles.item, action.danger && styles.danger)}
                >
                  {action.icon}
                  {action.label}
                </MenuItem>
              ))}
            </MenuSection>,
          ])}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
