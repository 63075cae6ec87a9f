/** One quiet line under the card: what is interpreted now; behind a button, what models would add. */
import { ChevronDown } from 'lucide-react';
import { Button, Disclosure, DisclosurePanel } from 'react-aria-components';
import { useTranslation } from 'react-i18next';

import type { Capabilities } from '../../../api/types';
import { languagesOf, linesOf, sizeOf, type Line } from '../directions';
import styles from './WhatWorks.module.css';

interface WhatWorksProps {
  capabilities: Capabilities | null;
  failed: boolean;
}

export function WhatWorks({ capabilities, failed }: WhatWorksProps) {
  const { t } = useTranslation();
  if (failed) return <p className={styles.quiet}>{t('home.unknown')}</p>;
  if (!capabilities) return <p className={styles.quiet} aria-hidden="true" />;
  return (
    <div className={styles.works}>
      <Now capabilities={capabilities} />
      {capabilities.offers.length > 0 ? <Offers capabilities={capabilities} /> : null}
    </div>
  );
}

function Now({ capabilities }: { capabilities: Capabilities }) {
  const { t, i18n } = useTranslation();
  const lines = linesOf(capabilities.directions, i18n.language);
  if (lines.length === 0) return <p className={styles.quiet}>{t('home.worksNothing')}</p>;
  return (
    <div className={styles.quiet}>
      <span className={styles.lead}>{t('home.works')}</span>
      <ul className={styles.lines}>
        {lines.map((line) => (
          <li key={line.source}>
            {line.source}
            <span aria-hidden>{' → '}</span>
            <TargetList line={line} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function TargetList({ line }: { line: Line }) {
  const { t } = useTranslation();
  return line.targets.map((target, index) => (
    <span key={target.name}>
      {index > 0 ? ', ' : ''}
      {target.name}
      {target.voice ? null : ` (${t('home.captionsOnly')})`}
    </span>
  ));
}

function Offers({ capabilities }: { capabilities: Capabilities }) {
  const { t, i18n } = useTranslation();
  return (
    <Disclosure className={styles.offers ?? ''}>
      <Button slot="trigger" className={styles.trigger ?? ''}>
        {t('home.more')}
        <ChevronDown aria-hidden />
      </Button>
      <DisclosurePanel className={styles.panel ?? ''}>
        <p>{t('home.modest')}</p>
        <ul className={styles.list}>
          {capabilities.offers.map((offer) => (
            <li key={offer.command} className={styles.offer}>
              <span className={styles.languages}>
                {t('home.offer', {
                  languages: languagesOf(offer, i18n.language),
                  size: sizeOf(offer.downloadMb, i18n.language),
                })}
              </span>
              <span>
                {t('home.offerHow')} <code className={styles.command}>{offer.command}</code>
              </span>
            </li>
          ))}
        </ul>
      </DisclosurePanel>
    </Disclosure>
  );
}
