/** One webhook: where it leads, of what it tells, how it does, and what can be done with it. */
import { Ellipsis, ListChecks, Power, PowerOff, Send, Trash2, Webhook as WebhookIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Webhook } from '../../../api/webhooks';
import { ActionMenu, type Action } from '../../../ui/ActionMenu';
import { Badge } from '../../../ui/Badge';
import { IconButton } from '../../../ui/Button';
import { Row } from '../../../ui/Rows';
import { useEventName } from '../hooks/useEventName';

interface WebhookLineProps {
  webhook: Webhook;
  busy: boolean;
  onDeliveries: () => void;
  /** Null: it cannot be tried out. */
  onTest: (() => void) | null;
  onSwitch: () => void;
  onRemove: () => void;
}

export function WebhookLine({ webhook, busy, onDeliveries, onTest, onSwitch, onRemove }: WebhookLineProps) {
  const { t } = useTranslation();
  const nameOf = useEventName();
  const label = t('webhooks.optionsOf', { url: webhook.url });
  const actions: Action[] = [
    { id: 'deliveries', label: t('webhooks.deliveries'), icon: <ListChecks aria-hidden />, onAction: onDeliveries },
    ...(onTest ? [{ id: 'test', label: t('webhooks.test'), icon: <Send aria-hidden />, onAction: onTest }] : []),
    webhook.disabled
      ? { id: 'on', label: t('webhooks.switchOn'), icon: <Power aria-hidden />, onAction: onSwitch }
      : { id: 'off', label: t('webhooks.switchOff'), icon: <PowerOff aria-hidden />, onAction: onSwitch },
  ];
  const remove: Action = { id: 'remove', label: t('webhooks.remove'), icon: <Trash2 aria-hidden />, danger: true, onAction: onRemove };
  return (
    <Row
      icon={<WebhookIcon aria-hidden />}
      title={
        <>
          <bdi>{webhook.url}</bdi>
          {webhook.disabled ? <Badge>{t('webhooks.off')}</Badge> : null}
          {webhook.failures > 0 ? <Badge tone="warning">{t('webhooks.failures', { count: webhook.failures })}</Badge> : null}
        </>
      }
      about={webhook.events.map(nameOf)}
      actions={
        <ActionMenu label={label} placement="bottom end" parts={[actions, [remove]]}>
          <IconButton label={label} icon={<Ellipsis aria-hidden />} isDisabled={busy} placement="left" />
        </ActionMenu>
      }
    />
  );
}
