/** My languages and consent, to change in the middle of a call. */
import { useTranslation } from 'react-i18next';

import type { RoomInfo } from '../../../api/types';
import { Toggle } from '../../../ui/Toggle';
import { LanguageFields } from '../../settings/components/LanguageFields';
import type { ChoicesInCall } from '../hooks/useChoices';

export function LanguagePanel({ room, choices }: { room: RoomInfo; choices: ChoicesInCall }) {
  const { t } = useTranslation();
  const { consent } = choices.choices;
  return (
    <>
      <LanguageFields room={room} choice={choices.choice} onChange={choices.changeLanguages} />
      <Toggle
        label={t('languages.interpretMe')}
        help={consent ? t('lobby.consentHelp') : t('lobby.noConsentHelp')}
        isSelected={consent}
        onChange={choices.changeConsent}
      />
      <p className="visuallyHidden" role="status">
        {choices.saving ? t('languages.saving') : ''}
      </p>
    </>
  );
}
