/** Asks back before a host puts somebody out, and offers what keeps them out: with the link they could come again. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Person } from '../../../call/callState';
import { Question } from '../../../ui/Question';
import { Toggle } from '../../../ui/Toggle';
import type { Host } from '../hooks/useHost';

interface RemoveQuestionProps {
  /** Null while nobody is to be removed. */
  person: Person | null;
  /** How they are shown. */
  name: string;
  host: Host;
  onClose: () => void;
}

export function RemoveQuestion({ person, name, host, onClose }: RemoveQuestionProps) {
  const { t } = useTranslation();
  const [locks, setLocks] = useState(false);
  const remove = () => {
    if (!person) return;
    if (locks) host.lock(true);
    host.remove(person.identity);
  };
  return (
    <Question
      title={t('call.removeConfirm', { name })}
      text={t('call.removeConfirmText')}
      yes={t('call.removeThem')}
      isOpen={person !== null}
      onClose={() => {
        setLocks(false);
        onClose();
      }}
      onYes={remove}
    >
      {host.locked ? null : (
        <Toggle label={t('call.removeAndLock')} help={t('call.removeAndLockHelp')} isSelected={locks} onChange={setLocks} />
      )}
    </Question>
  );
}
