/** Copy the room's link, and say that it is done. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, type Tone } from '../../../ui/Button';

const SAID_MS = 2_500;

export function CopyLink({ link, tone = 'plain' }: { link: string; tone?: Tone }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    const clipboard = navigator.clipboard as Clipboard | undefined;
    clipboard?.writeText(link).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <>
      <Button tone={tone} icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />} onPress={copy}>
        {copied ? t('app.copied') : t('call.copyLink')}
      </Button>
      <span className="visuallyHidden" role="status">
        {copied ? t('call.linkCopied') : ''}
      </span>
    </>
  );
}
