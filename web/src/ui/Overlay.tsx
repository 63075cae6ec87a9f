/** What lies over the page: a small panel at a button, a question in the middle, a sheet from below. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay, Popover, type PopoverProps } from 'react-aria-components';

import { IconButton } from './Button';
import { classes } from './classes';
import styles from './Overlay.module.css';

interface PanelProps extends Pick<PopoverProps, 'placement'> {
  title: string;
  children: ReactNode;
  wide?: boolean;
}

/** Stands at the button that opened it; goes into a `DialogTrigger`. */
export function Panel({ title, children, placement = 'top', wide }: PanelProps) {
  return (
    <Popover placement={placement} offset={12} className={classes(styles.panel, wide && styles.widePanel)}>
      <Dialog className={styles.dialog ?? ''}>
        <Heading slot="title" level={2} className={styles.panelTitle ?? ''}>
          {title}
        </Heading>
        {children}
      </Dialog>
    </Popover>
  );
}

interface SheetProps {
  title: string;
  closeLabel: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** From below on a phone, in the middle elsewhere; or always over the whole width. */
  kind?: 'question' | 'sheet';
  footer?: ReactNode;
}

export function Sheet({ title, closeLabel, isOpen, onClose, children, kind = 'question', footer }: SheetProps) {
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable className={styles.veil ?? ''}>
      <Modal className={classes(styles.modal, kind === 'sheet' && styles.sheet)}>
        <Dialog className={classes(styles.dialog, styles.modalDialog)}>
          <header className={styles.head}>
            <Heading slot="title" level={2} className={kind === 'sheet' ? 'visuallyHidden' : ''}>
              {title}
            </Heading>
            <IconButton label={closeLabel} icon={<X aria-hidden />} onPress={onClose} placement="bottom" />
          </header>
          <div className={styles.body}>{children}</div>
          {footer ? <footer className={styles.foot}>{footer}</footer> : null}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
