/** Leaves this page for the provider's, which comes back with the session. */
import { useTranslation } from 'react-i18next';

import { useSession } from '../../../session/useSession';
import { Button } from '../../../ui/Button';

export function ProviderButton({ name, wide = false }: { name: string; wide?: boolean }) {
  const { t } = useTranslation();
  const { session } = useSession();
  const leave = () => {
    session.expectProvider();
    window.location.assign('/api/v1/session/oidc');
  };
  return (
    <Button wide={wide} onPress={leave}>
      {t('signIn.with', { name })}
    </Button>
  );
}
