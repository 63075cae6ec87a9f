/** A new webhook: where it leads, and of what it tells. */
import { useId, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { TEAM_EVENTS, type TeamEvent } from '../../../api/webhooks';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Toggle } from '../../../ui/Toggle';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useEventName } from '../hooks/useEventName';
import styles from './Team.module.css';

interface WebhookFormProps {
  onCancel: () => void;
  /** Whatever it raises is said in the form. */
  onAdd: (url: string, events: readonly TeamEvent[]) => Promise<void>;
}

export function WebhookForm({ onCancel, onAdd }: WebhookFormProps) {
  const { t } = useTranslation();
  const { busy, fault, run } = useAttempt();
  const nameOf = useEventName();
  const noneId = useId();
  const [url, setUrl] = useState('');
  const [chosen, setChosen] = useState<readonly TeamEvent[]>(TEAM_EVENTS);
  const [tried, setTried] = useState(false);
  const urlWrong = tried && !isAddress(url.trim());
  const isNone = tried && chosen.length === 0;
  const choose = (event: TeamEvent, wanted: boolean) => setChosen(TEAM_EVENTS.filter((it) => (it === event ? wanted : chosen.includes(it))));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (isAddress(url.trim()) && chosen.length > 0) void run(() => onAdd(url.trim(), chosen));
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('webhooks.add')}>
      <FaultNotice fault={fault} />
      <Field
        label={t('webhooks.url')}
        type="url"
        inputMode="url"
        placeholder="https://example.org/dragoman"
        value={url}
        onChange={setUrl}
        maxLength={2000}
        autoComplete="off"
        autoFocus
        help={t('webhooks.urlHelp')}
        fault={urlWrong ? t('webhooks.urlWrong') : null}
      />
      <fieldset className={styles.events} aria-describedby={noneId}>
        <legend>{t('webhooks.events')}</legend>
        {TEAM_EVENTS.map((event) => (
          <Toggle key={event} label={nameOf(event)} isSelected={chosen.includes(event)} onChange={(wanted) => choose(event, wanted)} />
        ))}
        <p id={noneId} className={styles.fault} role="alert">
          {isNone ? t('webhooks.noEvents') : ''}
        </p>
      </fieldset>
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('webhooks.make')}
        </Button>
      </div>
    </form>
  );
}

/** Where http is enough is for the server to say. */
function isAddress(text: string): boolean {
  return URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol);
}
