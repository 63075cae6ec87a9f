/** Everything that is stored about me, as one file. */
import { Download, PackageOpen } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Job } from '../../../api/accounts';
import { useServices } from '../../../services';
import { Button } from '../../../ui/Button';
import { download } from '../../../ui/download';
import { Notice } from '../../../ui/Notice';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { isOver, useJob } from '../hooks/useJob';

export function ExportMe() {
  const { t } = useTranslation();
  const { api } = useServices();
  const { busy, fault, run } = useAttempt();
  const [begun, setBegun] = useState<Job | null>(null);
  const job = useJob(begun);
  const isReady = job?.state === 'done';
  const isRunning = job !== null && !isOver(job);
  const save = (id: string) => void run(async () => download(await api.exportFile(id), 'my-data.zip'));
  return (
    <Section
      title={t('account.export')}
      text={t('account.exportText')}
      action={
        isReady ? (
          <Button tone="primary" icon={<Download aria-hidden />} isDisabled={busy} onPress={() => save(job.id)}>
            {t('account.exportSave')}
          </Button>
        ) : (
          <Button icon={<PackageOpen aria-hidden />} isDisabled={busy || isRunning} onPress={() => void run(async () => setBegun(await api.exportMe()))}>
            {isRunning ? t('account.exportRunning') : t('account.exportNow')}
          </Button>
        )
      }
    >
      <FaultNotice fault={fault} />
      {job && isOver(job) && !isReady ? <Notice tone="danger">{t('account.exportFailed')}</Notice> : null}
      <span className="visuallyHidden" role="status">
        {isReady ? t('account.exportReady') : isRunning ? t('account.exportRunning') : ''}
      </span>
    </Section>
  );
}
