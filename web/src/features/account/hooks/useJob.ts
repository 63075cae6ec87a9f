/** Follows work of the server until it is done. */
import { useEffect, useState } from 'react';

import type { Job } from '../../../api/accounts';
import { useServices } from '../../../services';

const ASK_EVERY_MS = 1_000;
const OVER = ['done', 'failed', 'parked'];

export function isOver(job: Job): boolean {
  return OVER.includes(job.state);
}

/** The job as it stands now. */
export function useJob(begun: Job | null): Job | null {
  const { api } = useServices();
  const [latest, setLatest] = useState<Job | null>(null);
  const job = latest?.id === begun?.id ? latest : begun;
  const id = job && !isOver(job) ? job.id : null;
  useEffect(() => {
    if (id === null) return;
    const timer = setInterval(() => {
      // Asked again in a moment if there is no answer.
      api.job(id).then(setLatest, () => undefined);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [api, id]);
  return job;
}
