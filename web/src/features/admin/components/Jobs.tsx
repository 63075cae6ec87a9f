/** What the server does by itself, or was asked to do. */
import { RefreshCw, RotateCw, Workflow } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import type { Job } from '../../../api/accounts';
import en from '../../../i18n/en.json';
import { useServices } from '../../../services';
import { Badge } from '../../../ui/Badge';
import { Button, IconButton } from '../../../ui/Button';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { dayAndTimeIn } from '../../rooms/when';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import styles from './Admin.module.css';

export function Jobs() {
  const { t } = useTranslation();
  const { api } = useServices();
  const { busy, fault, run } = useAttempt();
  const jobs = useParts(useCallback((cursor: string | null) => api.jobs(cursor), [api]));
  const release = (job: Job) =>
    void run(async () => {
      const released = await api.releaseJob(job.id);
      jobs.change((items) => items.map((item) => (item.id === released.id ? released : item)));
    });
  return (
    <Section
      title={t('jobs.title')}
      text={t('jobs.text')}
      action={
        <Button tone="quiet" icon={<RefreshCw aria-hidden />} onPress={jobs.reload}>
          {t('list.again')}
        </Button>
      }
    >
      <FaultNotice fault={fault} />
      <PartsList parts={jobs} empty={{ icon: Workflow, title: t('jobs.empty'), text: t('jobs.emptyText') }}>
        {(items) => (
          <Rows label={t('jobs.title')}>
            {items.map((job) => (
              <JobLine key={job.id} job={job} busy={busy} onRelease={() => release(job)} />
            ))}
          </Rows>
        )}
      </PartsList>
    </Section>
  );
}

type KnownKind = keyof typeof en.jobs.kind;
type KnownState = keyof typeof en.jobs.state;

function JobLine({ job, busy, onRelease }: { job: Job; busy: boolean; onRelease: () => void }) {
  const { t, i18n } = useTranslation();
  const kind = job.kind.replace('.', '_') as KnownKind;
  const state = job.state as KnownState;
  // The server may know more kinds and states than this page has words for.
  const work = kind in en.jobs.kind ? t(`jobs.kind.${kind}`) : job.kind.replace(/[._]/g, ' ');
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' });
  const hasFailed = state === 'failed' || state === 'parked';
  const at = (iso: string) => dayAndTimeIn(iso, i18n.language);
  return (
    <Row
      title={
        <>
          <span>{work}</span>
          <Badge tone={hasFailed ? 'warning' : state === 'running' ? 'live' : 'plain'}>
            {state in en.jobs.state ? t(`jobs.state.${state}`) : job.state}
          </Badge>
        </>
      }
      about={[
        state === 'running' && job.progress !== null ? percent.format(job.progress) : null,
        job.finishedAt ? t('jobs.ended', { when: at(job.finishedAt) }) : t('jobs.begun', { when: at(job.createdAt) }),
      ]}
      more={
        job.error ? (
          <p className={styles.error} lang="en">
            {job.error}
          </p>
        ) : null
      }
      actions={
        state === 'parked' ? (
          <IconButton
            label={t('jobs.release', { kind: work })}
            icon={<RotateCw aria-hidden />}
            isDisabled={busy}
            placement="left"
            onPress={onRelease}
          />
        ) : null
      }
    />
  );
}
