/** The way to the models from the start page; there only at the server's own machine. */
import { HardDriveDownload } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import { useModels } from '../hooks/useModels';
import { ModelsSheet } from './ModelsSheet';

export function ModelsDoor({ onInUse }: { onInUse: () => void }) {
  const { t } = useTranslation();
  const desk = useModels(onInUse);
  const [isOpen, setOpen] = useState(false);
  if (!desk.models) return null;
  const open = () => {
    void desk.reload();
    setOpen(true);
  };
  return (
    <>
      <Button tone="quiet" icon={<HardDriveDownload aria-hidden />} onPress={open}>
        {t('models.open')}
      </Button>
      <ModelsSheet desk={desk} models={desk.models} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
