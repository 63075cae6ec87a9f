/** The lines of the "More" menu. */
import { BookA, GraduationCap, Grid2x2, LockKeyhole, LockKeyholeOpen, PhoneOff, ScrollText, Settings2, UserPlus, UsersRound, PanelTop } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Action } from '../../../ui/ActionMenu';
import type { Host } from './useHost';

interface MoreOptions {
  view: 'grid' | 'speaker';
  onView: (view: 'grid' | 'speaker') => void;
  onTab: (tab: 'history' | 'people' | 'glossary') => void;
  onDialog: (dialog: 'devices' | 'invite' | 'end') => void;
  /** Null where there is no practice speaker. */
  practice: (() => void) | null;
  host: Host;
}

export function useMoreActions({ view, onView, onTab, onDialog, practice, host }: MoreOptions): Action[][] {
  const { t } = useTranslation();
  const otherView: Action =
    view === 'grid'
      ? { id: 'view', label: t('call.speakerView'), icon: <PanelTop aria-hidden />, onAction: () => onView('speaker') }
      : { id: 'view', label: t('call.grid'), icon: <Grid2x2 aria-hidden />, onAction: () => onView('grid') };
  const lock: Action = {
    id: 'lock',
    label: host.locked ? t('call.unlock') : t('call.lock'),
    icon: host.locked ? <LockKeyholeOpen aria-hidden /> : <LockKeyhole aria-hidden />,
    onAction: () => host.lock(!host.locked),
  };
  const end: Action = {
    id: 'end',
    label: t('call.endForAll'),
    icon: <PhoneOff aria-hidden />,
    danger: true,
    onAction: () => onDialog('end'),
  };
  return [
    [
      { id: 'people', label: t('call.people'), icon: <UsersRound aria-hidden />, onAction: () => onTab('people') },
      { id: 'history', label: t('call.history'), icon: <ScrollText aria-hidden />, onAction: () => onTab('history') },
      { id: 'glossary', label: t('glossary.title'), icon: <BookA aria-hidden />, onAction: () => onTab('glossary') },
      otherView,
      { id: 'devices', label: t('call.settings'), icon: <Settings2 aria-hidden />, onAction: () => onDialog('devices') },
    ],
    [
      { id: 'invite', label: t('call.invite'), icon: <UserPlus aria-hidden />, onAction: () => onDialog('invite') },
      ...(practice ? [{ id: 'practice', label: t('call.practice'), icon: <GraduationCap aria-hidden />, onAction: practice }] : []),
    ],
    host.isHost ? [lock, end] : [],
  ];
}
