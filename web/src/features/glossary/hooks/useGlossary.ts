/** The glossary of a room while its panel is open: loaded, watched, and changed by the host. */
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Glossary, GlossaryFormat, Term, TermDirection } from '../../../api/glossary';
import { codeOf } from '../../../api/types';
import { useServices } from '../../../services';
import { faultOf, type Fault } from '../../shell/faults';
import { replaced, restored, tidy, without } from '../terms';

export const WATCH_EVERY_MS = 5_000;

/** Said under the list until something else is done. */
export type Told =
  | { kind: 'removed'; source: string }
  | { kind: 'imported'; added: number }
  | { kind: 'failed'; fault: Fault };

export interface GlossaryDesk {
  /** Null while it is loaded, or could not be (`told` says so). */
  glossary: Glossary | null;
  busy: boolean;
  told: Told | null;
  add: (term: Term) => Promise<boolean>;
  edit: (index: number, term: Term) => Promise<boolean>;
  remove: (index: number) => void;
  undo: () => void;
  importFile: (file: Blob, direction: TermDirection | null) => void;
  exportFile: (format: GlossaryFormat) => Promise<Blob | null>;
  reload: () => void;
}

export function useGlossary(room: string, secret: string, hostSecret: string | null): GlossaryDesk {
  const { api } = useServices();
  const [glossary, setGlossary] = useState<Glossary | null>(null);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<Told | null>(null);
  const removed = useRef<{ term: Term; index: number } | null>(null);
  const changing = useRef(false);
  const terms = glossary?.terms ?? [];

  const load = useCallback(
    (isFirst: boolean) =>
      api.glossary(room, hostSecret ?? secret).then(
        (found) => {
          // An answer from before a change must not undo it on the screen.
          if (!changing.current) setGlossary((known) => (known?.version === found.version ? known : found));
        },
        (error: unknown) => {
          if (isFirst) setTold(failure(error));
        },
      ),
    [api, room, secret, hostSecret],
  );

  useEffect(() => {
    void load(true);
    const watching = setInterval(() => void load(false), WATCH_EVERY_MS);
    return () => clearInterval(watching);
  }, [load]);

  const attempt = async <Answer extends Glossary>(
    request: (own: string) => Promise<Answer>,
    said: (answer: Answer) => Told | null,
  ): Promise<boolean> => {
    if (hostSecret === null || changing.current) return false;
    changing.current = true;
    setBusy(true);
    setTold(null);
    try {
      const answer = await request(hostSecret);
      setGlossary(answer);
      setTold(said(answer));
      return true;
    } catch (error) {
      setTold(failure(error));
      changing.current = false;
      if (codeOf(error) === 'glossary_changed') await load(false);
      return false;
    } finally {
      changing.current = false;
      setBusy(false);
    }
  };
  const set = (wanted: readonly Term[], said: Told | null = null) =>
    attempt((own) => api.setGlossary(room, own, glossary?.version ?? '', wanted), () => said);

  return {
    glossary,
    busy,
    told,
    add: (term) => set([...terms, tidy(term)]),
    edit: (index, term) => set(replaced(terms, index, term)),
    remove: (index) => {
      const term = terms[index];
      if (!term) return;
      removed.current = { term, index };
      void set(without(terms, index), { kind: 'removed', source: term.source });
    },
    // What others have changed since then stays as it is.
    undo: () => {
      if (removed.current) void set(restored(terms, removed.current.index, removed.current.term));
    },
    importFile: (file, direction) => {
      void attempt(
        (own) => api.importGlossary(room, own, file, direction),
        ({ added }) => ({ kind: 'imported', added }),
      );
    },
    exportFile: async (format) => {
      try {
        return await api.exportGlossary(room, hostSecret ?? secret, format);
      } catch (error) {
        setTold(failure(error));
        return null;
      }
    },
    reload: () => {
      setTold(null);
      void load(true);
    },
  };
}

function failure(error: unknown): Told {
  return { kind: 'failed', fault: faultOf(error) };
}
