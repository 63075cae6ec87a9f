/** The server's models and the pull that runs, followed while it runs; null where this page may not see them. */
import { useCallback, useEffect, useState } from 'react';

import type { Models, Pull } from '../../../api/models';
import { codeOf } from '../../../api/types';
import { useServices } from '../../../services';
import { isBusy } from '../describing';

const ASK_EVERY_MS = 1_000;

export interface ModelDesk {
  models: Models | null;
  /** Code of what was refused last. */
  fault: string | null;
  pull: (names: readonly string[], accepts: readonly string[]) => Promise<void>;
  cancel: () => Promise<void>;
  reload: () => Promise<void>;
}

/** `onInUse` is called when a model has come and is used from now on. */
export function useModels(onInUse: () => void): ModelDesk {
  const { api } = useServices();
  const [models, setModels] = useState<Models | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const pull = models?.pull;
  const busy = pull !== undefined && isBusy(pull);

  const reload = useCallback(
    () =>
      api.models().then(
        (answer) => {
          setModels(answer);
          setFault(null);
        },
        (error: unknown) => setFault(codeOf(error)),
      ),
    [api],
  );
  const show = useCallback((now: Pull) => setModels((known) => (known ? { ...known, pull: now } : known)), []);
  const ask = useCallback(
    (question: Promise<Pull>) =>
      question.then(
        (now) => {
          show(now);
          setFault(null);
        },
        (error: unknown) => setFault(codeOf(error)),
      ),
    [show],
  );

  useEffect(() => {
    void reload();
  }, [reload]);

  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => {
      api.modelPull().then(
        (now) => {
          show(now);
          if (isBusy(now)) return;
          void reload();
          if (now.inUse.length > 0) onInUse();
        },
        () => undefined, // asked again in a moment: while a service starts anew the server may be slow
      );
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [api, busy, show, reload, onInUse]);

  return {
    models,
    fault,
    reload,
    pull: (names, accepts) => ask(api.pullModels(names, accepts)),
    cancel: () => ask(api.cancelModelPull()),
  };
}
