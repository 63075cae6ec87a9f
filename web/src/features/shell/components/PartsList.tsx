/** A list that is loading, empty, refused, or there, with a button for more of it. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Loading } from '../../../ui/Loading';
import type { Parts } from '../hooks/useParts';
import { FaultNotice } from './FaultNotice';

interface PartsListProps<Item> {
  parts: Parts<Item>;
  empty: { icon: LucideIcon; title: string; text?: string; action?: ReactNode };
  children: (items: readonly Item[]) => ReactNode;
}

export function PartsList<Item>({ parts, empty, children }: PartsListProps<Item>) {
  const { t } = useTranslation();
  if (parts.phase === 'loading') return <Loading label={t('app.loading')} />;
  const again = <Button tone="quiet" onPress={parts.reload}>{t('app.tryAgain')}</Button>;
  if (parts.phase === 'failed') return <FaultNotice fault={parts.fault} action={again} />;
  if (parts.items.length === 0) return <Empty {...empty} />;
  return (
    <>
      {children(parts.items)}
      <FaultNotice fault={parts.fault} action={again} />
      {parts.more ? <Button tone="quiet" onPress={parts.more}>{t('list.more')}</Button> : null}
    </>
  );
}
