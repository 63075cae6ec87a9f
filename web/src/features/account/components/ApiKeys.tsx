/** Keys with which programs do what I may: made, shown once, and taken back. */
import { KeyRound, Plus } from 'lucide-react';
import { useCallback, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { ApiKey } from '../../../api/accounts';
import { useServices } from '../../../services';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Picker } from '../../../ui/Picker';
import { Question } from '../../../ui/Question';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { ShownOnce } from '../../../ui/ShownOnce';
import { dayIn } from '../../rooms/when';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import styles from './Account.module.css';

const DAYS = [30, 90, 365];
const FOR_EVER = 'never';

export function ApiKeys() {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const keys = useParts(useCallback((cursor: string | null) => api.apiKeys(cursor), [api]));
  const { busy, fault, run } = useAttempt();
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  const day = (iso: string) => dayIn(iso, i18n.language);
  const make = (name: string, days: number | null) =>
    void run(async () => {
      const { key, ...shown } = await api.addApiKey(name, days);
      setMade(key);
      setMaking(false);
      keys.change((items) => [shown, ...items]);
    });
  const remove = (id: string) =>
    void run(async () => {
      await api.removeApiKey(id);
      keys.change((items) => items.filter((item) => item.id !== id));
    });
  return (
    <Section
      title={t('account.keys')}
      text={t('account.keysText')}
      action={
        isMaking ? null : (
          <Button icon={<Plus aria-hidden />} onPress={() => setMaking(true)}>
            {t('account.newKey')}
          </Button>
        )
      }
    >
      <FaultNotice fault={fault} />
      {isMaking ? <KeyForm busy={busy} onMake={make} onCancel={() => setMaking(false)} /> : null}
      {made ? <ShownOnce text={t('account.keyOnce')} secret={made} onKept={() => setMade(null)} /> : null}
      <PartsList parts={keys} empty={{ icon: KeyRound, title: t('account.noKeys') }}>
        {(items) => (
          <Rows label={t('account.keys')}>
            {items.map((key) => (
              <Row
                key={key.id}
                icon={<KeyRound aria-hidden />}
                title={<bdi>{key.name}</bdi>}
                about={[
                  `${key.hint}…`,
                  key.usedAt ? t('account.usedAt', { when: day(key.usedAt) }) : t('account.neverUsed'),
                  key.expiresAt ? t('account.expires', { when: day(key.expiresAt) }) : t('account.neverExpires'),
                ]}
                actions={
                  <Button tone="quiet" isDisabled={busy} aria-label={t('account.removeKey', { name: key.name })} onPress={() => setRemoving(key)}>
                    {t('account.takeBack')}
                  </Button>
                }
              />
            ))}
          </Rows>
        )}
      </PartsList>
      <Question
        title={t('account.removeKeyConfirm', { name: removing?.name ?? '' })}
        text={t('account.removeKeyText')}
        yes={t('account.takeBack')}
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        onYes={() => removing && remove(removing.id)}
      />
    </Section>
  );
}

function KeyForm({ busy, onMake, onCancel }: { busy: boolean; onMake: (name: string, days: number | null) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [missing, setMissing] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(!name.trim());
    if (name.trim()) onMake(name.trim(), days === FOR_EVER ? null : Number(days));
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('account.newKey')}>
      <Field
        label={t('account.keyName')}
        placeholder={t('account.keyNamePlaceholder')}
        value={name}
        onChange={setName}
        maxLength={80}
        autoComplete="off"
        autoFocus
        fault={missing ? t('account.keyNameMissing') : null}
      />
      <Picker
        label={t('account.keyLife')}
        placeholder={t('account.keyLife')}
        value={days}
        onChange={setDays}
        sections={[
          {
            id: 'days',
            options: [
              ...DAYS.map((count) => ({ id: String(count), label: t('account.days', { count }) })),
              { id: FOR_EVER, label: t('account.neverExpires') },
            ],
          },
        ]}
      />
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('account.makeKey')}
        </Button>
      </div>
    </form>
  );
}
