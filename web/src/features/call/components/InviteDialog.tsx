/** The link of the call, to copy or to hand to the phone's own way of sharing. */
import { useRef } from 'react';
import { Share2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Sheet } from '../../../ui/Overlay';
import { CopyLink } from './CopyLink';

interface InviteDialogProps {
  isOpen: boolean;
  onClose: () => void;
  link: string;
}

export function InviteDialog({ isOpen, onClose, link }: InviteDialogProps) {
  const { t } = useTranslation();
  const shown = useRef<HTMLInputElement>(null);
  const canShare = typeof navigator.share === 'function';
  // Closing the phone's sheet without choosing is no failure.
  const share = () => void navigator.share({ title: t('app.name'), url: link }).catch(() => undefined);
  return (
    <Sheet
      title={t('call.invite')}
      closeLabel={t('app.close')}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          {canShare ? (
            <Button icon={<Share2 aria-hidden />} onPress={share}>
              {t('call.share_link')}
            </Button>
          ) : null}
          <CopyLink link={link} tone="primary" shown={shown} />
        </>
      }
    >
      <p>{t('call.inviteText')}</p>
      <Field label={t('call.inviteLink')} value={link} isReadOnly inputRef={shown} />
    </Sheet>
  );
}
