/** Copy the room's link, and say that it is done; where the browser does not let a page copy, select it to be copied. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, type Tone } from '../../../ui/Button';
import { copyText } from '../../../ui/copyText';
import { Field } from '../../../ui/Field';
import styles from './CopyLink.module.css';

const SAID_MS = 2_500;

interface CopyLinkProps {
  link: string;
  tone?: Tone;
  /** Where the link stands already; otherwise it is shown when it has to be copied by hand. */
  shown?: RefObject<HTMLElement | null>;
}

export function CopyLink({ link, tone = 'plain', shown }: CopyLinkProps) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<'copied' | 'by_hand' | null>(null);
  const own = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (outcome === 'by_hand') selectAll(shown?.current ?? own.current);
    if (outcome !== 'copied') return;
    const timer = setTimeout(() => setOutcome(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [outcome, shown]);
  const copy = () => {
    // Pressed again, it is selected again.
    setOutcome(null);
    void copyText(link).then((copied) => setOutcome(copied ? 'copied' : 'by_hand'));
  };
  const copied = outcome === 'copied';
  return (
    <>
      <Button tone={tone} icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />} onPress={copy}>
        {copied ? t('app.copied') : t('call.copyLink')}
      </Button>
      {outcome === 'by_hand' && !shown ? (
        <div className={styles.own}>
          <Field label={t('call.inviteLink')} value={link} isReadOnly inputRef={own} />
        </div>
      ) : null}
      <span className={outcome === 'by_hand' ? styles.byHand : 'visuallyHidden'} role="status">
        {copied ? t('call.linkCopied') : outcome === 'by_hand' ? t('call.linkSelected') : ''}
      </span>
    </>
  );
}

function selectAll(element: HTMLElement | null): void {
  if (element instanceof HTMLInputElement) {
    element.focus();
    element.select();
  } else if (element) {
    window.getSelection()?.selectAllChildren(element);
  }
}
