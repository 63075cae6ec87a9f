/** The limits of one account on the enterprise plan. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { AMOUNTS, FEATURES, type Limits } from '../../../api/accounts';
import type { KnownUser } from '../../../api/admin';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Sheet } from '../../../ui/Overlay';
import { Toggle } from '../../../ui/Toggle';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { ownLimits, readAmount, type WrittenAmounts, type WrittenFeatures } from '../limits';
import styles from './Admin.module.css';

interface AccountLimitsProps {
  /** Null: nothing is shown. */
  user: KnownUser | null;
  onClose: () => void;
  /** Null takes all limits away. Whatever it raises is said in the form. */
  onSave: (user: KnownUser, limits: Partial<Limits> | null) => Promise<void>;
}

export function AccountLimits({ user, onClose, onSave }: AccountLimitsProps) {
  const { t } = useTranslation();
  return (
    <Sheet title={t('limits.title', { name: user?.name ?? '' })} closeLabel={t('app.close')} isOpen={user !== null} onClose={onClose}>
      {user ? (
        <LimitsForm
          own={user.planLimits ?? {}}
          onCancel={onClose}
          onSave={async (limits) => {
            await onSave(user, limits);
            onClose();
          }}
        />
      ) : null}
    </Sheet>
  );
}

interface LimitsFormProps {
  /** What is left out is as the enterprise plan has it: without limit. */
  own: Partial<Limits>;
  onCancel: () => void;
  onSave: (limits: Partial<Limits> | null) => Promise<void>;
}

function LimitsForm({ own, onCancel, onSave }: LimitsFormProps) {
  const { t } = useTranslation();
  const { busy, fault, run } = useAttempt();
  const [amounts, setAmounts] = useState<WrittenAmounts>(
    () => Object.fromEntries(AMOUNTS.map((name) => [name, own[name]?.toString() ?? ''])) as WrittenAmounts,
  );
  const [features, setFeatures] = useState(() => Object.fromEntries(FEATURES.map((name) => [name, own[name] ?? true])) as WrittenFeatures);
  const isWrong = AMOUNTS.some((name) => readAmount(name, amounts[name]) === 'wrong');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isWrong) void run(() => onSave(ownLimits(amounts, features)));
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('limits.form')}>
      <p className={styles.quiet}>{t('limits.text')}</p>
      <FaultNotice fault={fault} />
      <div className={styles.amounts}>
        {AMOUNTS.map((name) => (
          <Field
            key={name}
            label={t(`plan.limit.${name}`)}
            value={amounts[name]}
            onChange={(written) => setAmounts({ ...amounts, [name]: written })}
            inputMode="numeric"
            maxLength={7}
            autoComplete="off"
            placeholder={t('plan.unlimited')}
            fault={readAmount(name, amounts[name]) === 'wrong' ? t('limits.wrong') : null}
          />
        ))}
      </div>
      {FEATURES.map((name) => (
        <Toggle
          key={name}
          label={t(`plan.feature.${name}`)}
          isSelected={features[name]}
          onChange={(has) => setFeatures({ ...features, [name]: has })}
        />
      ))}
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy || isWrong}>
          {t('room.save')}
        </Button>
      </div>
    </form>
  );
}
