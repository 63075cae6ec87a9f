/** My account: name, password, where I am signed in, keys for programs, what I may use, my data, and its end. */
import { useTranslation } from 'react-i18next';

import { useAccount } from '../../../session/useSession';
import { Shell } from '../../shell/components/Shell';
import { ApiKeys } from './ApiKeys';
import { DeleteMe } from './DeleteMe';
import { ExportMe } from './ExportMe';
import { NameForm } from './NameForm';
import { OtherSignIn } from './OtherSignIn';
import { PasswordForm } from './PasswordForm';
import { PlanWords } from './PlanWords';
import { Sessions } from './Sessions';

export function AccountPage() {
  const { t } = useTranslation();
  const { user } = useAccount();
  return (
    <Shell here="account" title={t('account.title')}>
      <NameForm key={user.name} />
      <PlanWords />
      {user.hasPassword ? <PasswordForm /> : null}
      <OtherSignIn />
      <Sessions />
      <ApiKeys />
      <ExportMe />
      <DeleteMe />
    </Shell>
  );
}
