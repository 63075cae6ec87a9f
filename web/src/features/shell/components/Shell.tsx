/** The frame of every page of an account: where one can go, who one is, and the page in the middle. */
import { House, ShieldCheck, UserRound, UsersRound, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useAccount } from '../../../session/useSession';
import { Link } from '../../../ui/Link';
import { Logo } from '../../../ui/Logo';
import { PageMenus } from '../../settings/components/PageMenus';
import { useTitle } from '../hooks/useTitle';
import styles from './Shell.module.css';
import { UserMenu } from './UserMenu';

type Here = 'home' | 'team' | 'account' | 'admin';

interface ShellProps {
  /** Which of the places in the navigation this is part of. */
  here: Here;
  title: string;
  /** Before the title: the way back. */
  back?: { href: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}

export function Shell({ here, title, back, actions, children }: ShellProps) {
  const { t } = useTranslation();
  useTitle(title, t('app.name'));
  return (
    <div className={styles.shell}>
      <header className={styles.head}>
        <Link href="/" className={styles.mark}>
          <Logo name={t('app.name')} />
        </Link>
        <Navigation here={here} />
        <div className={styles.menus}>
          <PageMenus />
          <UserMenu />
        </div>
      </header>
      <main className={styles.main}>
        <div className={styles.top}>
          <div className={styles.words}>
            {back ? (
              <Link href={back.href} className={styles.back}>
                {back.label}
              </Link>
            ) : null}
            <Title key={title}>{title}</Title>
          </div>
          {actions ? <div className={styles.actions}>{actions}</div> : null}
        </div>
        {children}
      </main>
    </div>
  );
}

function Navigation({ here }: { here: Here }) {
  const { t } = useTranslation();
  const { user } = useAccount();
  const places: [Here, string, LucideIcon][] = [
    ['home', '/', House],
    ['team', '/team', UsersRound],
    ['account', '/account', UserRound],
    ...(user.isAdmin ? ([['admin', '/admin', ShieldCheck]] as [Here, string, LucideIcon][]) : []),
  ];
  return (
    <nav className={styles.places} aria-label={t('nav.label')}>
      {places.map(([place, href, Icon]) => (
        <Link key={place} href={href} className={styles.place} aria-current={place === here ? 'page' : undefined}>
          <Icon aria-hidden />
          <span>{t(`nav.${place}`)}</span>
        </Link>
      ))}
    </nav>
  );
}

/** Whoever comes by a link of the page goes on from its heading. */
function Title({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (window.history.state === 'followed') heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={styles.title}>
      {children}
    </h1>
  );
}
