/** How much the machine carries now, and which rooms get less than everything. */
import type { TFunction } from 'i18next';
import { Activity } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Capacity } from '../../../api/admin';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Loading } from '../../../ui/Loading';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { dayAndTimeIn } from '../../rooms/when';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useCapacity } from '../hooks/useCapacity';
import styles from './Admin.module.css';

export function CapacityPanel() {
  const { t } = useTranslation();
  const { capacity, fault, reload } = useCapacity();
  return (
    <Section title={t('admin.capacity')} text={t('admin.capacityText')}>
      {capacity ? (
        <Shown capacity={capacity} />
      ) : fault ? (
        <FaultNotice fault={fault} action={<Button tone="quiet" onPress={reload}>{t('app.tryAgain')}</Button>} />
      ) : (
        <Loading label={t('app.loading')} />
      )}
    </Section>
  );
}

function Shown({ capacity }: { capacity: Capacity }) {
  const { t, i18n } = useTranslation();
  const number = (count: number) => new Intl.NumberFormat(i18n.language).format(count);
  const { speakers } = capacity;
  const lowered = capacity.ladder.filter(({ level }) => level > 0);
  return (
    <>
      <dl className={styles.figures}>
        <Figure name={t('admin.speakers')} value={speakers.most === null ? number(speakers.now) : t('admin.ofMost', { now: number(speakers.now), most: number(speakers.most) })} />
        <Figure name={t('admin.rooms')} value={number(capacity.rooms)} />
        <Figure name={t('admin.people')} value={number(capacity.people)} />
        {capacity.cores === null ? null : <Figure name={t('admin.cores')} value={number(capacity.cores)} />}
      </dl>
      {lowered.length === 0 ? (
        <Empty icon={Activity} title={t('admin.ladderFine')} />
      ) : (
        <Rows label={t('admin.ladder')}>
          {lowered.map((line) => (
            <Row
              key={line.room}
              title={
                <>
                  <bdi>{line.room}</bdi>
                  <Badge tone="warning">{t(`admin.level.${knownLevel(line.level)}`)}</Badge>
                </>
              }
              about={[reasonIn(line.reason, t), dayAndTimeIn(line.since, i18n.language)]}
            />
          ))}
        </Rows>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const REASONS = [
  'preset_voice',
  'fallback_voice',
  'fallback_translation',
  'voice_gone',
  'translation_gone',
  'recognition_gone',
  'capacity',
  'no_interpreter',
] as const;

/** The word of `interpreting/ladder.py` or `meetings/warden.py` in the page's language; one it does not know stays as it is. */
function reasonIn(reason: string, t: TFunction): string {
  const known = REASONS.find((one) => one === reason);
  return known ? t(`admin.reason.${known}`) : reason.replaceAll('_', ' ');
}

function knownLevel(level: number): '1' | '2' | '3' | '4' | '5' {
  return (['1', '2', '3', '4', '5'] as const)[Math.min(5, Math.max(1, Math.round(level))) - 1] ?? '5';
}
