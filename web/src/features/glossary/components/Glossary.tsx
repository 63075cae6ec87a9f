/** The terms of the room: the host changes them, everybody may read them. Shows; `hooks/useGlossary.ts` decides. */
import { useRef, useState, type ReactNode } from 'react';
import { BookA, Download, FileText, Pencil, Plus, Table2, Trash2, Undo2, Upload } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { GlossaryFormat, Term } from '../../../api/glossary';
import type { Choices, RoomInfo } from '../../../api/types';
import { nameInText } from '../../../call/languages';
import { ActionMenu } from '../../../ui/ActionMenu';
import { Button, IconButton } from '../../../ui/Button';
import { download } from '../../../ui/download';
import { Notice } from '../../../ui/Notice';
import type { Fault } from '../../shell/faults';
import { refusalWords } from '../../shell/refusals';
import { useGlossary, type GlossaryDesk } from '../hooks/useGlossary';
import { isSame, keyOf, newTerm, without } from '../terms';
import styles from './Glossary.module.css';
import { TermForm } from './TermForm';

interface GlossaryProps {
  room: RoomInfo;
  choices: Choices;
  /** The participant's own. */
  secret: string;
  /** Null for everybody but the host. */
  hostSecret: string | null;
}

export function Glossary({ room, choices, secret, hostSecret }: GlossaryProps) {
  const { t } = useTranslation();
  const desk = useGlossary(room.room, secret, hostSecret);
  const isHost = hostSecret !== null;
  /** The term that is being changed, or a new one: places in the list are not its own, others change it too. */
  const [open, setOpen] = useState<Term | 'new' | null>(null);
  const terms = desk.glossary?.terms ?? [];
  const fresh = newTerm(choices.speaks, firstOther(room, choices.speaks));
  const isOpen = (term: Term) => open !== null && open !== 'new' && isSame(open, term);
  if (open !== null && open !== 'new' && !terms.some(isOpen)) setOpen(null);

  const form = (term: Term, others: readonly Term[], store: (written: Term) => Promise<boolean>) => (
    <TermForm
      room={room}
      term={term}
      others={others}
      busy={desk.busy}
      onStore={(written) => void store(written).then((done) => done && setOpen(null))}
      onCancel={() => setOpen(null)}
    />
  );

  return (
    <div className={styles.glossary}>
      <Said desk={desk} />
      {terms.length === 0 && open === null ? (
        <div className={styles.empty}>
          <BookA aria-hidden />
          <h3>{desk.glossary ? t('glossary.empty') : t('glossary.loading')}</h3>
          <p>{isHost ? t('glossary.emptyHost') : t('glossary.emptyGuest')}</p>
        </div>
      ) : (
        <ul className={styles.list} aria-label={t('glossary.count', { count: terms.length })} tabIndex={0}>
          {terms.map((term, index) => (
            <li key={keyOf(term)} className={styles.line}>
              {isOpen(term) ? (
                form(term, without(terms, index), (written) => desk.edit(index, written))
              ) : (
                <TermLine
                  term={term}
                  actions={isHost ? { edit: () => setOpen(term), remove: () => desk.remove(index), busy: desk.busy } : null}
                />
              )}
            </li>
          ))}
          {open === 'new' ? <li className={styles.line}>{form(fresh, terms, desk.add)}</li> : null}
        </ul>
      )}
      <footer className={styles.foot}>
        {isHost && open === null ? (
          <Button tone="primary" wide icon={<Plus aria-hidden />} isDisabled={!desk.glossary} onPress={() => setOpen('new')}>
            {t('glossary.add')}
          </Button>
        ) : null}
        <div className={styles.files}>
          {isHost ? <ImportButton desk={desk} onFile={(file) => desk.importFile(file, directionOf(fresh))} /> : null}
          <ExportMenu desk={desk} possible={terms.length > 0} />
        </div>
      </footer>
    </div>
  );
}

interface TermLineProps {
  term: Term;
  actions: { edit: () => void; remove: () => void; busy: boolean } | null;
}

function TermLine({ term, actions }: TermLineProps) {
  const { t, i18n } = useTranslation();
  const name = (code: string | null) => (code ? nameInText(code, i18n.language) : '');
  const languages = { source: name(term.sourceLanguage), target: name(term.targetLanguage) };
  return (
    <>
      <div className={styles.words}>
        <p className={styles.source} {...(term.sourceLanguage ? { lang: term.sourceLanguage } : {})} dir="auto">
          {term.source}
        </p>
        <p className={styles.about}>
          {t(`glossary.line.${term.state}`)}{' '}
          {term.target ? (
            <bdi className={styles.target} {...(term.targetLanguage ? { lang: term.targetLanguage } : {})}>
              {term.target}
            </bdi>
          ) : null}
        </p>
        <p className={styles.about}>
          {[
            term.sourceLanguage && term.targetLanguage ? t('glossary.direction', languages) : t('glossary.allLanguages'),
            term.matchCase ? t('glossary.caseShort') : null,
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      {actions ? (
        <div className={styles.actions}>
          <IconButton
            label={t('glossary.edit', { term: term.source })}
            icon={<Pencil aria-hidden />}
            onPress={actions.edit}
            isDisabled={actions.busy}
            placement="left"
          />
          <IconButton
            label={t('glossary.remove', { term: term.source })}
            icon={<Trash2 aria-hidden />}
            onPress={actions.remove}
            isDisabled={actions.busy}
            placement="left"
          />
        </div>
      ) : null}
    </>
  );
}

/** Codes of refusals that have words of their own. */
const EXPLAINED = ['glossary_changed', 'glossary_invalid', 'too_large', 'not_allowed', 'unreachable', 'room_not_found'] as const;

/** What came of the last thing that was done. */
function Said({ desk }: { desk: GlossaryDesk }) {
  const { t } = useTranslation();
  const { told } = desk;
  if (told === null) return null;
  if (told.kind === 'removed') {
    return (
      <Notice
        tone="info"
        action={
          <Button tone="quiet" icon={<Undo2 aria-hidden />} onPress={desk.undo} isDisabled={desk.busy}>
            {t('glossary.undo')}
          </Button>
        }
      >
        {t('glossary.removed', { term: told.source })}
      </Notice>
    );
  }
  if (told.kind === 'imported') return <Notice tone="info">{t('glossary.imported', { count: told.added })}</Notice>;
  return <Refused fault={told.fault} onReload={desk.reload} />;
}

function Refused({ fault, onReload }: { fault: Fault; onReload: () => void }) {
  const { t, i18n } = useTranslation();
  const code = EXPLAINED.find((known) => known === fault.code) ?? 'unknown';
  return (
    <Notice
      tone="warning"
      action={
        <Button tone="quiet" onPress={onReload}>
          {t('glossary.reload')}
        </Button>
      }
    >
      {refusalWords(i18n, fault) || t(`glossary.fault.${code}`)}
    </Notice>
  );
}

function ImportButton({ desk, onFile }: { desk: GlossaryDesk; onFile: (file: File) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,.tbx,.xml"
        aria-label={t('glossary.importFile')}
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          // The same file, mended, can be chosen again.
          event.target.value = '';
        }}
      />
      <Button icon={<Upload aria-hidden />} isDisabled={desk.busy || !desk.glossary} onPress={() => input.current?.click()}>
        {t('glossary.import')}
      </Button>
    </>
  );
}

function ExportMenu({ desk, possible }: { desk: GlossaryDesk; possible: boolean }) {
  const { t } = useTranslation();
  const save = async (format: GlossaryFormat) => {
    const file = await desk.exportFile(format);
    if (file) download(file, `glossary.${format}`);
  };
  const action = (format: GlossaryFormat, icon: ReactNode) => ({
    id: format,
    label: t(`glossary.format.${format}`),
    icon,
    onAction: () => void save(format),
  });
  return (
    <ActionMenu
      label={t('glossary.export')}
      parts={[[action('csv', <Table2 aria-hidden />), action('tsv', <Table2 aria-hidden />), action('tbx', <FileText aria-hidden />)]]}
    >
      <Button icon={<Download aria-hidden />} isDisabled={!possible}>
        {t('glossary.export')}
      </Button>
    </ActionMenu>
  );
}

function firstOther(room: RoomInfo, source: string | null): string | null {
  return room.directions.find((direction) => direction.source === source)?.target ?? null;
}

function directionOf({ sourceLanguage, targetLanguage }: Term) {
  return sourceLanguage && targetLanguage ? { source: sourceLanguage, target: targetLanguage } : null;
}
