/** Leaves this page for the provider's, which comes back with the session. */
import { useTranslation } from 'react-i18next';

import { useSession } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';

export function ProviderButton({ name, wide = false }: { name: string; wide?: boolean }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const { busy, fault, run } = useAttempt();
  const leave = () =>
    void run(async () => {
      await session.expectProvider();
      window.location.assign('/api/v1/session/oidc');
    });
  return (
    <>
      <Button wide={wide} isDisabled={busy} onPress={leave}>
        {t('signIn.with', { name })}
      </Button>
      <FaultNotice fault={fault} />
    </>
  );
}
