/** My languages and consent, to change in the middle of a call. */
import { useTranslation } from 'react-i18next';

import type { RoomInfo } from '../../../api/types';
import { Consent } from '../../settings/components/Consent';
import { LanguageFields } from '../../settings/components/LanguageFields';
import type { ChoicesInCall } from '../hooks/useChoices';

export function LanguagePanel({ room, choices }: { room: RoomInfo; choices: ChoicesInCall }) {
  const { t } = useTranslation();
  const { consent, speaks } = choices.choices;
  return (
    <>
      <LanguageFields room={room} choice={choices.choice} onChange={choices.changeLanguages} />
      <Consent speaks={speaks !== null} agreed={consent} onChange={choices.changeConsent} />
      <p className="visuallyHidden" role="status">
        {choices.saving ? t('languages.saving') : ''}
      </p>
    </>
  );
}
