/** What a host may do about one person, beside their name. */
import { Captions, CaptionsOff, Crown, Ellipsis } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Person } from '../../../call/callState';
import { ActionMenu } from '../../../ui/ActionMenu';
import { IconButton } from '../../../ui/Button';
import type { Host } from '../../call/hooks/useHost';

export function PersonMenu({ person, name, host }: { person: Person; name: string; host: Host }) {
  const { t } = useTranslation();
  const label = t('people.hostControls.options', { name });
  return (
    <ActionMenu
      label={label}
      placement="bottom end"
      parts={[
        [
          {
            id: 'transcribed',
            label: person.transcribed ? t('people.hostControls.notTranscribe', { name }) : t('people.hostControls.transcribe', { name }),
            icon: person.transcribed ? <CaptionsOff aria-hidden /> : <Captions aria-hidden />,
            onAction: () => host.transcribe(person.identity, !person.transcribed),
          },
          {
            id: 'cohost',
            label: person.isCohost ? t('people.hostControls.noCohost', { name }) : t('people.hostControls.cohost', { name }),
            icon: <Crown aria-hidden />,
            onAction: () => host.cohost(person.identity, !person.isCohost),
          },
        ],
      ]}
    >
      <IconButton label={label} icon={<Ellipsis aria-hidden />} placement="left" />
    </ActionMenu>
  );
}
