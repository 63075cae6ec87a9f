/** My name at the top, and signing out. */
import { LogOut, UserRound } from 'lucide-react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';

import { useAccount } from '../../../session/useSession';
import { ActionMenu } from '../../../ui/ActionMenu';
import { initialsOf } from '../../../ui/Avatar';
import { useGo } from '../../../ui/Link';
import styles from './UserMenu.module.css';

export function UserMenu() {
  const { t } = useTranslation();
  const { session, user } = useAccount();
  const go = useGo();
  const signOut = () => {
    go('/');
    void session.signOut();
  };
  return (
    <ActionMenu
      label={t('nav.me', { name: user.name })}
      placement="bottom end"
      parts={[
        [{ id: 'account', label: t('nav.account'), icon: <UserRound aria-hidden />, onAction: () => go('/account') }],
        [{ id: 'signOut', label: t('nav.signOut'), icon: <LogOut aria-hidden />, onAction: signOut }],
      ]}
    >
      <Button className={styles.me ?? ''} aria-label={t('nav.me', { name: user.name })}>
        <span className={styles.initials} aria-hidden>
          {initialsOf(user.name)}
        </span>
        <span className={styles.name}>{user.name}</span>
      </Button>
    </ActionMenu>
  );
}
