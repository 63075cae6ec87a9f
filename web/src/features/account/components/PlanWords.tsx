/** What my account may use, in words. */
import { useTranslation } from 'react-i18next';

import { useAccount } from '../../../session/useSession';
import { Section } from '../../../ui/Section';
import styles from './Account.module.css';

const COUNTED = ['roomMinutes', 'people', 'roomsAtOnce', 'historyDays', 'requestsPerHour'] as const;

export function PlanWords() {
  const { t, i18n } = useTranslation();
  const { site, user } = useAccount();
  if (!site.plans) return null;
  const number = (count: number) => new Intl.NumberFormat(i18n.language).format(count);
  return (
    <Section title={t('plan.title', { plan: t(`plan.name.${user.plan}`) })} text={t('plan.text')}>
      <dl className={styles.facts}>
        {COUNTED.map((name) => {
          const most = user.limits[name];
          return (
            <div key={name} className={styles.fact}>
              <dt>{t(`plan.limit.${name}`)}</dt>
              <dd>{most === null ? t('plan.unlimited') : number(most)}</dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}
