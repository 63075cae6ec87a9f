/** Asks back before something that cannot be undone. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import { Sheet } from './Overlay';

interface QuestionProps {
  title: string;
  text: string;
  yes: string;
  isOpen: boolean;
  onClose: () => void;
  onYes: () => void;
  /** What has to be written or known first. */
  children?: ReactNode;
}

export function Question({ title, text, yes, isOpen, onClose, onYes, children }: QuestionProps) {
  const { t } = useTranslation();
  const confirm = () => {
    onYes();
    onClose();
  };
  return (
    <Sheet
      title={title}
      closeLabel={t('app.close')}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('app.cancel')}</Button>
          <Button tone="danger" onPress={confirm}>
            {yes}
          </Button>
        </>
      }
    >
      <p>{text}</p>
      {children}
    </Sheet>
  );
}
