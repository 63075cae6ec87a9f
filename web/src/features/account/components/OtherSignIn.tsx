/** Who has a password may sign in by the provider too, once both are linked. */
import { useTranslation } from 'react-i18next';

import { useAccount } from '../../../session/useSession';
import { Section } from '../../../ui/Section';
import { ProviderButton } from '../../signIn/components/ProviderButton';
import { ProviderProblem } from '../../signIn/components/ProviderProblem';
import { problemOf } from '../../signIn/providerProblem';

export function OtherSignIn() {
  const { t } = useTranslation();
  const { site, user } = useAccount();
  if (!site.oidc || !user.hasPassword) return null;
  const problem = problemOf(window.location.search);
  const { name } = site.oidc;
  return (
    <Section title={t('account.provider', { name })} text={t('account.providerText')} action={<ProviderButton name={name} />}>
      {problem ? <ProviderProblem code={problem} /> : null}
    </Section>
  );
}
