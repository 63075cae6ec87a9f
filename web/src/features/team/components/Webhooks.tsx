/** Addresses that are told what happens in the team: made, tried out, switched off, deleted. */
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { TeamEvent, Webhook } from '../../../api/webhooks';
import { useServices } from '../../../services';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Notice } from '../../../ui/Notice';
import { Question } from '../../../ui/Question';
import { Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { ShownOnce } from '../../../ui/ShownOnce';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import { Deliveries } from './Deliveries';
import { WebhookForm } from './WebhookForm';
import { WebhookLine } from './WebhookLine';

export function Webhooks({ team }: { team: string }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const { user } = useAccount();
  const hasApi = user.limits.api;
  const webhooks = useParts(useCallback((cursor: string | null) => api.webhooks(team, cursor), [api, team]));
  const { busy, fault, run } = useAttempt();
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [followed, setFollowed] = useState<Webhook | null>(null);
  const [removing, setRemoving] = useState<Webhook | null>(null);
  const add = async (url: string, events: readonly TeamEvent[]) => {
    const { secret: shownOnce, ...made } = await api.addWebhook(team, url, events);
    setSecret(shownOnce);
    setAdding(false);
    webhooks.change((items) => [made, ...items]);
  };
  const change = (webhook: Webhook, disabled: boolean) =>
    void run(async () => {
      const changed = await api.switchWebhook(team, webhook.id, disabled);
      webhooks.change((items) => items.map((item) => (item.id === changed.id ? changed : item)));
    });
  const remove = ({ id }: Webhook) =>
    void run(async () => {
      await api.removeWebhook(team, id);
      webhooks.change((items) => items.filter((item) => item.id !== id));
    });
  const test = (webhook: Webhook) =>
    void run(async () => {
      await api.testWebhook(team, webhook.id);
      setFollowed(webhook);
    });
  const close = () => {
    setFollowed(null);
    webhooks.reload();
  };
  return (
    <Section
      title={t('webhooks.title')}
      text={t('webhooks.text')}
      action={
        hasApi && !isAdding ? (
          <Button icon={<Plus aria-hidden />} onPress={() => setAdding(true)}>
            {t('webhooks.add')}
          </Button>
        ) : null
      }
    >
      {hasApi ? null : <Notice tone="info">{t('webhooks.noApi')}</Notice>}
      <FaultNotice fault={fault} />
      {isAdding ? <WebhookForm onCancel={() => setAdding(false)} onAdd={add} /> : null}
      {secret ? <ShownOnce text={t('webhooks.secretOnce')} secret={secret} onKept={() => setSecret(null)} /> : null}
      {(isAdding || !hasApi) && webhooks.phase === 'ready' && webhooks.items.length === 0 ? null : (
        <PartsList parts={webhooks} empty={{ icon: WebhookIcon, title: t('webhooks.empty'), text: t('webhooks.emptyText') }}>
          {(items) => (
            <Rows label={t('webhooks.title')}>
              {items.map((webhook) => (
                <WebhookLine
                  key={webhook.id}
                  webhook={webhook}
                  busy={busy}
                  onDeliveries={() => setFollowed(webhook)}
                  onTest={hasApi && !webhook.disabled ? () => test(webhook) : null}
                  onSwitch={() => change(webhook, !webhook.disabled)}
                  onRemove={() => setRemoving(webhook)}
                />
              ))}
            </Rows>
          )}
        </PartsList>
      )}
      <Deliveries team={team} webhook={followed} onClose={close} />
      <Question
        title={t('webhooks.removeConfirm')}
        text={t('webhooks.removeText', { url: removing?.url ?? '' })}
        yes={t('webhooks.removeNow')}
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        onYes={() => removing && remove(removing)}
      />
    </Section>
  );
}
