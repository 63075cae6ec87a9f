/** The way to the models: there at the server's own machine, and for admins of the server, who only look from elsewhere. */
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
        {t(desk.models.mayPull ? 'models.open' : 'models.openElsewhere')}
      </Button>
      <ModelsSheet desk={desk} models={desk.models} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
