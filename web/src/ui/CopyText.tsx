/** Copies a text that is shown beside it, and says so. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import { copyText } from './copyText';

const SAID_MS = 2_500;

export function CopyText({ text }: { text: string }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (outcome !== 'copied') return;
    const timer = setTimeout(() => setOutcome(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copied = outcome === 'copied';
  return (
    <>
      <Button
        tone="primary"
        icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />}
        onPress={() => void copyText(text).then((done) => setOutcome(done ? 'copied' : 'failed'))}
      >
        {copied ? t('app.copied') : t('app.copy')}
      </Button>
      <span className={outcome === 'failed' ? '' : 'visuallyHidden'} role="status">
        {copied ? t('app.copied') : outcome === 'failed' ? t('account.copyByHand') : ''}
      </span>
    </>
  );
}
