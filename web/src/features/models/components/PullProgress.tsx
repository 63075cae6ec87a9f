/** How far the pull is that runs, or how the last one ended. */
import { useTranslation } from 'react-i18next';

import type { Pull } from '../../../api/models';
import { Button } from '../../../ui/Button';
import en from '../../../i18n/en.json';
import { Notice } from '../../../ui/Notice';
import { sizeOf } from '../../home/directions';
import { partOf } from '../describing';
import styles from './Models.module.css';

const MEGABYTE = 1e6;

export function PullProgress({ pull, onCancel }: { pull: Pull; onCancel: (() => void) | null }) {
  const { t, i18n } = useTranslation();
  const list = (names: string[]) => names.join(', ');
  const came = (
    <>
      {pull.inUse.length > 0 ? <Notice tone="info">{t('models.doneInUse', { names: list(pull.inUse) })}</Notice> : null}
      {pull.leftAside.length > 0 ? <Notice tone="info">{t('models.done', { names: list(pull.leftAside) })}</Notice> : null}
    </>
  );
  switch (pull.phase) {
    case 'idle':
      return null;
    case 'done':
      return came;
    case 'cancelled':
      return (
        <>
          {came}
          <Notice tone="info">{t('models.cancelled')}</Notice>
        </>
      );
    case 'failed':
      return (
        <>
          {came}
          <Notice tone="danger">
            {pull.missing.length > 0
              ? t('models.failed', { names: list(pull.missing) })
              : t('models.notTaken', { names: list(pull.models) })}{' '}
            {Object.hasOwn(en.models.why, pull.code) ? `${t(`models.why.${pull.code as keyof typeof en.models.why}`)} ` : null}
            <span className={styles.detail} lang="en">
              {pull.detail}
            </span>
          </Notice>
        </>
      );
    default: {
      const part = partOf(pull);
      const size = (bytes: number) => sizeOf(bytes / MEGABYTE, i18n.language);
      const text =
        pull.phase !== 'pulling'
          ? t(`models.${pull.phase}`)
          : part === null
            ? t('models.beginning')
            : t('models.pulling', { name: pull.model, done: size(pull.doneBytes), total: size(pull.totalBytes) });
      return (
        <div className={styles.pull}>
          <p id="pull-text" role="status" className={styles.pullText}>
            {text}
          </p>
          <progress
            className={styles.bar}
            aria-labelledby="pull-text"
            max={1}
            {...(part === null || pull.phase !== 'pulling' ? {} : { value: part })}
          />
          {pull.phase === 'pulling' && onCancel ? (
            <Button tone="quiet" onPress={onCancel}>
              {t('app.cancel')}
            </Button>
          ) : null}
        </div>
      );
    }
  }
}
