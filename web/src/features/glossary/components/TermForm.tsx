/** One term to be written or changed. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Term } from '../../../api/glossary';
import type { RoomInfo } from '../../../api/types';
import { listLanguages, type LanguageOption } from '../../../call/languages';
import { Button } from '../../../ui/Button';
import { Choice } from '../../../ui/Choice';
import { Field } from '../../../ui/Field';
import { Picker } from '../../../ui/Picker';
import { Toggle } from '../../../ui/Toggle';
import { faultOf, MAX_TERM_CHARS, STATES } from '../terms';
import styles from './Glossary.module.css';

interface TermFormProps {
  room: RoomInfo;
  term: Term;
  others: readonly Term[];
  busy: boolean;
  onStore: (term: Term) => void;
  onCancel: () => void;
}

export function TermForm({ room, term, others, busy, onStore, onCancel }: TermFormProps) {
  const { t } = useTranslation();
  const [written, setWritten] = useState(term);
  const [tried, setTried] = useState(false);
  const change = (part: Partial<Term>) => setWritten({ ...written, ...part });
  const fault = tried ? faultOf(written, others) : null;
  const kept = written.state === 'do-not-translate';
  const store = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (faultOf(written, others) === null) onStore(written);
  };
  return (
    <form className={styles.form} onSubmit={store} noValidate>
      <Field
        label={t('glossary.term')}
        value={written.source}
        onChange={(source) => change({ source })}
        maxLength={MAX_TERM_CHARS}
        autoFocus
        autoComplete="off"
        fault={fault === 'source' || fault === 'twice' || fault === 'full' ? t(`glossary.fault.${fault}`) : null}
      />
      <Choice
        label={t('glossary.state')}
        stacked
        options={STATES.map((value) => ({ value, label: t(`glossary.states.${value}`) }))}
        value={written.state}
        onChange={(state) => change({ state })}
      />
      {kept ? null : (
        <>
          <Field
            label={written.state === 'banned' ? t('glossary.wrong') : t('glossary.translation')}
            value={written.target}
            onChange={(target) => change({ target })}
            maxLength={MAX_TERM_CHARS}
            autoComplete="off"
            fault={fault === 'target' ? t('glossary.fault.target') : null}
          />
          <Language
            label={t('glossary.from')}
            options={room.speaks}
            value={written.sourceLanguage}
            onChange={(sourceLanguage) => change({ sourceLanguage })}
          />
          <Language
            label={t('glossary.to')}
            options={room.reads}
            value={written.targetLanguage}
            onChange={(targetLanguage) => change({ targetLanguage })}
            fault={fault === 'languages' ? t('glossary.fault.languages') : undefined}
          />
        </>
      )}
      <Toggle
        label={t('glossary.case')}
        help={t('glossary.caseHelp')}
        isSelected={written.matchCase}
        onChange={(matchCase) => change({ matchCase })}
      />
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('glossary.store')}
        </Button>
      </div>
    </form>
  );
}

interface LanguageProps {
  label: string;
  options: readonly LanguageOption[];
  value: string | null;
  onChange: (code: string) => void;
  fault?: string | undefined;
}

function Language({ label, options, value, onChange, fault }: LanguageProps) {
  const { t, i18n } = useTranslation();
  const works = listLanguages(options, i18n.language).filter((option) => option.works || option.code === value);
  return (
    <Picker
      label={label}
      placeholder={t('glossary.chooseLanguage')}
      value={value}
      onChange={onChange}
      help={fault}
      sections={[
        {
          id: 'languages',
          options: works.map((option) => ({
            id: option.code,
            label: option.ownName,
            searchText: option.searchText,
            ...(option.readersName ? { aside: option.readersName } : {}),
          })),
        },
      ]}
    />
  );
}
