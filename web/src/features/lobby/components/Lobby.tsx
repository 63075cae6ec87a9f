/** Before a call: see and hear oneself, give a name, choose languages, agree or not. */
import { useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Choices, RoomInfo } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Notice } from '../../../ui/Notice';
import { Page } from '../../../ui/Page';
import { Consent } from '../../settings/components/Consent';
import { useFaultText } from '../../call/hooks/useFaultText';
import { LanguageFields } from '../../settings/components/LanguageFields';
import { PageMenus } from '../../settings/components/PageMenus';
import { usePreferences } from '../../settings/hooks/usePreferences';
import { asPreferences, firstChoice, NONE, resolve } from '../../settings/languageChoice';
import styles from './Lobby.module.css';
import { Preview } from './Preview';

interface LobbyProps {
  room: RoomInfo;
  joining: boolean;
  /** Code of the last refusal. */
  fault: string | null;
  onJoin: (name: string, choices: Choices) => void;
}

export function Lobby({ room, joining, fault, onJoin }: LobbyProps) {
  const { t } = useTranslation();
  const { preferences, change } = usePreferences();
  const [name, setName] = useState(preferences.name);
  const [nameMissing, setNameMissing] = useState(false);
  const [choice, setChoice] = useState(() => firstChoice(room, preferences, navigator.languages));
  const nameField = useRef<HTMLInputElement>(null);
  const faultText = useFaultText(fault);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const trimmed = name.trim();
    setNameMissing(!trimmed);
    if (!trimmed) {
      nameField.current?.focus();
      return;
    }
    change({ name: trimmed, ...asPreferences(choice) });
    onJoin(trimmed, { ...resolve(choice, room), consent: preferences.consent && choice.speaks !== NONE });
  };

  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <div className={styles.lobby}>
        <Preview name={name} />
        <form className={styles.form} onSubmit={submit} aria-label={t('lobby.title')}>
          <div className={styles.words}>
            <h1>{t('lobby.joinTitle')}</h1>
            <p className={styles.people}>
              {room.people === 0 ? t('lobby.people_zero') : t('lobby.people', { count: room.people })}
            </p>
          </div>
          {room.directions.length === 0 ? <Notice tone="info">{t('lobby.nothingInterpreted')}</Notice> : null}
          <Field
            label={t('lobby.name')}
            placeholder={t('lobby.namePlaceholder')}
            value={name}
            onChange={(written) => {
              setName(written);
              setNameMissing(false);
            }}
            maxLength={60}
            autoComplete="name"
            inputRef={nameField}
            fault={nameMissing ? t('lobby.nameMissing') : null}
          />
          <div className={styles.languages}>
            <LanguageFields room={room} choice={choice} onChange={setChoice} />
          </div>
          <Consent
            speaks={choice.speaks !== NONE}
            agreed={preferences.consent}
            onChange={(consent) => change({ consent })}
          />
          {fault ? <Notice tone="danger">{faultText}</Notice> : null}
          <div className={styles.foot}>
            <Button tone="primary" type="submit" wide large isDisabled={joining}>
              {joining ? t('lobby.joining') : t('lobby.join')}
            </Button>
          </div>
        </form>
      </div>
    </Page>
  );
}
