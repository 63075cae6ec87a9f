/** What one webhook was sent, and what came of it. */
import { RefreshCw, Send } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Delivery, Webhook } from '../../../api/webhooks';
import en from '../../../i18n/en.json';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Sheet } from '../../../ui/Overlay';
import { Row, Rows } from '../../../ui/Rows';
import { dayAndTimeIn } from '../../rooms/when';
import { PartsList } from '../../shell/components/PartsList';
import { useDeliveries } from '../hooks/useDeliveries';
import { useEventName } from '../hooks/useEventName';
import styles from './Team.module.css';

interface DeliveriesProps {
  team: string;
  /** Null: nothing is shown. */
  webhook: Webhook | null;
  onClose: () => void;
}

export function Deliveries({ team, webhook, onClose }: DeliveriesProps) {
  const { t } = useTranslation();
  return (
    <Sheet title={t('webhooks.deliveries')} closeLabel={t('app.close')} isOpen={webhook !== null} onClose={onClose}>
      {webhook ? <DeliveryList team={team} webhook={webhook} /> : null}
    </Sheet>
  );
}

function DeliveryList({ team, webhook }: { team: string; webhook: Webhook }) {
  const { t } = useTranslation();
  const parts = useDeliveries(team, webhook.id);
  return (
    <>
      <p className={styles.address}>
        <bdi>{webhook.url}</bdi>
      </p>
      <PartsList parts={parts} empty={{ icon: Send, title: t('webhooks.noDeliveries'), text: t('webhooks.noDeliveriesText') }}>
        {(items) => (
          <Rows label={t('webhooks.deliveries')}>
            {items.map((delivery) => (
              <DeliveryLine key={delivery.id} delivery={delivery} />
            ))}
          </Rows>
        )}
      </PartsList>
      <div className={styles.buttons}>
        <Button tone="quiet" icon={<RefreshCw aria-hidden />} onPress={parts.reload}>
          {t('list.again')}
        </Button>
      </div>
    </>
  );
}

function DeliveryLine({ delivery }: { delivery: Delivery }) {
  const { t, i18n } = useTranslation();
  const nameOf = useEventName();
  const state = stateOf(delivery);
  const at = (iso: string) => dayAndTimeIn(iso, i18n.language);
  return (
    <Row
      title={
        <>
          <span>{nameOf(delivery.event)}</span>
          <Badge tone={state === 'delivered' ? 'live' : state === 'under_way' ? 'plain' : 'warning'}>{t(`webhooks.state.${state}`)}</Badge>
        </>
      }
      about={[
        at(delivery.createdAt),
        delivery.status === null ? null : t('webhooks.answered', { status: delivery.status }),
        delivery.error && t(`webhooks.error.${knownError(delivery.error)}`),
        delivery.attempts > 1 ? t('webhooks.tries', { count: delivery.attempts }) : null,
        state === 'again' && delivery.nextAt ? t('webhooks.nextAt', { when: at(delivery.nextAt) }) : null,
      ]}
    />
  );
}

type DeliveryState = 'delivered' | 'under_way' | 'again' | 'not_sent' | 'given_up';

function stateOf({ deliveredAt, nextAt, attempts }: Delivery): DeliveryState {
  if (deliveredAt !== null) return 'delivered';
  if (nextAt !== null) return attempts === 0 ? 'under_way' : 'again';
  return attempts === 0 ? 'not_sent' : 'given_up';
}

type KnownError = keyof typeof en.webhooks.error;

function knownError(word: string): KnownError {
  return word in en.webhooks.error ? (word as KnownError) : 'unknown';
}
