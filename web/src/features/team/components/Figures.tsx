/** How many calls the team held day by day, how long, and with how many people. */
import { ChartColumn } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { DayFigures } from '../../../api/teams';
import { useServices } from '../../../services';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Loading } from '../../../ui/Loading';
import { Section } from '../../../ui/Section';
import { dayIn } from '../../rooms/when';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import styles from './Team.module.css';

export function Figures({ team }: { team: string }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { fault, run } = useAttempt();
  const [days, setDays] = useState<readonly DayFigures[] | null>(null);
  const load = useCallback(() => void run(async () => setDays((await api.figures(team)).days)), [api, run, team]);
  useEffect(load, [load]);
  return (
    <Section title={t('figures.title')} text={t('figures.text')}>
      <FaultNotice fault={fault} action={<Button tone="quiet" onPress={load}>{t('app.tryAgain')}</Button>} />
      {days === null ? (
        fault ? null : <Loading label={t('app.loading')} />
      ) : days.length === 0 ? (
        <Empty icon={ChartColumn} title={t('figures.empty')} />
      ) : (
        <Table days={days} />
      )}
    </Section>
  );
}

function Table({ days }: { days: readonly DayFigures[] }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <table className={styles.figures} aria-label={t('figures.title')}>
      <thead>
        <tr>
          <th scope="col">{t('figures.day')}</th>
          <th scope="col">{t('figures.calls')}</th>
          <th scope="col">{t('figures.minutes')}</th>
          <th scope="col">{t('figures.mostPeople')}</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, calls, minutes, mostPeople }) => (
          <tr key={day}>
            <th scope="row">{dayIn(day, i18n.language)}</th>
            <td>{number.format(calls)}</td>
            <td>{number.format(minutes)}</td>
            <td>{number.format(mostPeople)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
