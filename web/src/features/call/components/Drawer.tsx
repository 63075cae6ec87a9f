/** At the right side of a call, or as a sheet on a phone: what was said, who is there, and the terms of the room. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useTranslation } from 'react-i18next';

import type { Choices, RoomInfo } from '../../../api/types';
import type { CallSession, CallState } from '../../../call/callState';
import type { CaptionSnapshot } from '../../../call/captionFeed';
import { IconButton } from '../../../ui/Button';
import { Sheet } from '../../../ui/Overlay';
import { PHONE, useMediaQuery } from '../../../ui/useMediaQuery';
import { History } from '../../captions/components/History';
import { Glossary } from '../../glossary/components/Glossary';
import { People } from '../../people/components/People';
import type { Host } from '../hooks/useHost';
import type { Waiters } from '../hooks/useWaiters';
import styles from './Drawer.module.css';

export type DrawerTab = 'history' | 'people' | 'glossary';

interface DrawerProps {
  tab: DrawerTab | null;
  onTab: (tab: DrawerTab | null) => void;
  session: CallSession;
  state: CallState;
  captions: CaptionSnapshot;
  choices: Choices;
  room: RoomInfo;
  host: Host;
  waiters: Waiters;
  /** The participant's own. */
  secret: string;
  hostSecret: string | null;
}

export function Drawer({ tab, onTab, ...content }: DrawerProps) {
  const { t } = useTranslation();
  const phone = useMediaQuery(PHONE);
  const close = () => onTab(null);
  const titles = { people: t('people.title'), history: t('captions.history'), glossary: t('glossary.title') };
  const title = titles[tab ?? 'history'];
  if (phone) {
    return (
      <Sheet kind="sheet" title={title} closeLabel={t('app.close')} isOpen={tab !== null} onClose={close}>
        <Tabbed tab={tab} onTab={onTab} content={content} />
      </Sheet>
    );
  }
  if (tab === null) return null;
  return (
    <aside className={styles.drawer} aria-label={title}>
      <Tabbed
        tab={tab}
        onTab={onTab}
        content={content}
        close={<IconButton label={t('app.close')} icon={<X aria-hidden />} onPress={close} placement="bottom" />}
      />
    </aside>
  );
}

interface TabbedProps {
  tab: DrawerTab | null;
  onTab: (tab: DrawerTab) => void;
  content: Omit<DrawerProps, 'tab' | 'onTab'>;
  close?: ReactNode;
}

function Tabbed({ tab, onTab, content, close }: TabbedProps) {
  const { t } = useTranslation();
  const { session, state, captions, choices, room, host, waiters, secret, hostSecret } = content;
  return (
    <Tabs className={styles.tabs ?? ''} selectedKey={tab ?? 'history'} onSelectionChange={(key) => onTab(key as DrawerTab)}>
      <div className={styles.head}>
        <TabList className={styles.list ?? ''} aria-label={t('call.more')}>
          <Tab id="history" className={styles.tab ?? ''}>
            {t('captions.history')}
          </Tab>
          <Tab id="people" className={styles.tab ?? ''}>
            {`${t('people.title')} ${state.people.length}`}
          </Tab>
          <Tab id="glossary" className={styles.tab ?? ''}>
            {t('glossary.title')}
          </Tab>
        </TabList>
        {close}
      </div>
      <TabPanel id="history" className={styles.panel ?? ''}>
        <History session={session} captions={captions} state={state} reads={choices.reads} />
      </TabPanel>
      <TabPanel id="people" className={styles.panel ?? ''}>
        <People state={state} choices={choices} room={room} host={host} waiters={waiters} />
      </TabPanel>
      <TabPanel id="glossary" className={styles.panel ?? ''}>
        <Glossary room={room} choices={choices} secret={secret} hostSecret={hostSecret} />
      </TabPanel>
    </Tabs>
  );
}
