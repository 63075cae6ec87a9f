/** One person on the stage: picture or initials, name and language, what sounds, and what can be done about it. */
import { Captions, EllipsisVertical, Languages, MicOff, WifiLow } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Audience, Reach, Withheld } from '../../../call/audience';
import type { Person } from '../../../call/callState';
import { nameInText, shortTag } from '../../../call/languages';
import type { VoicePlaying } from '../../../call/voices';
import { Avatar } from '../../../ui/Avatar';
import { PHONE, useMediaQuery } from '../../../ui/useMediaQuery';
import { Video } from '../../../ui/Video';
import { useAudienceText } from '../hooks/useAudienceText';
import styles from './Tile.module.css';
import { TileMenu, type TileActions } from './TileMenu';
import { Wave } from './Wave';

interface TileProps {
  person: Person;
  /** The name in the page's language. */
  shown: string;
  /** What its dub sounds like here. */
  voice: VoicePlaying | null;
  reach: Reach;
  /** Of oneself: in which languages the others get one. */
  audience: Audience | null;
  /** Of oneself: why they get none. */
  withheld: Withheld | null;
  actions: TileActions;
}

/** What is told of those who are not interpreted here, though somebody may expect it. */
const LESS = {
  no_consent: 'call.notInterpreted',
  excluded: 'call.notInterpreted',
  off: 'call.notInterpreted',
  away: 'call.notInterpreted',
  original_only: 'call.notInterpreted',
  untranslated: 'call.notTranslated',
  interpreted: null,
  same: null,
  no_direction: null,
  silent: null,
} as const satisfies Record<Reach, string | null>;

export function Tile({ person, shown, voice, reach, audience, withheld, actions }: TileProps) {
  const { t, i18n } = useTranslation();
  const less = LESS[reach];
  const name = person.isLocal ? `${person.name} (${t('call.you')})` : shown;
  const description = [
    name,
    person.speaks ? t('people.speaks', { language: nameInText(person.speaks, i18n.language) }) : null,
    person.microphoneOn ? null : t('call.muted'),
    person.dubSounding ? t('call.translatedVoice') : null,
    reach === 'interpreted' ? t('call.interpreted') : null,
    less ? t(less) : null,
  ];
  return (
    <li
      className={styles.tile}
      data-colour={person.colour}
      data-speaking={(person.speaking && person.microphoneOn) || person.dubSounding || undefined}
      aria-label={description.filter(Boolean).join(', ')}
    >
      {person.video ? <Video source={person.video} mirrored={person.isLocal} /> : <Avatar name={shown} colour={person.colour} />}
      {person.videoPaused ? <p className={styles.paused}>{t('call.videoPaused')}</p> : null}
      <div className={styles.plate}>
        {person.dubSounding ? <Wave label={t('call.translatedVoice')} /> : null}
        {person.dubSounding ? <span className={styles.aiVoice}>{t('call.aiVoice')}</span> : null}
        {person.microphoneOn ? null : <MicOff aria-label={t('call.muted')} className={styles.muted} />}
        <span className={styles.name}>{name}</span>
        {person.speaks ? <span className={styles.tag}>· {shortTag(person.speaks)}</span> : null}
        {reach === 'interpreted' ? <Languages aria-label={t('call.interpreted')} className={styles.tagIcon} /> : null}
        {person.weakConnection ? <WifiLow aria-label={t('call.weak')} className={styles.weak} /> : null}
      </div>
      {audience ? <AudienceChip audience={audience} /> : null}
      {withheld ? (
        <p className={styles.chip} title={t(WITHHELD[withheld])}>
          <span className={styles.chipText}>{t(WITHHELD[withheld])}</span>
        </p>
      ) : null}
      {less ? <p className={styles.chip}>{t(less)}</p> : null}
      <TileMenu person={person} shown={shown} voice={voice} actions={actions}>
        <EllipsisVertical aria-hidden />
      </TileMenu>
    </li>
  );
}

const WITHHELD = {
  no_consent: 'call.ownVoiceOnly',
  excluded: 'call.ownVoiceByHost',
  original_only: 'call.ownVoiceOnly',
  untranslated: 'call.readUntranslated',
} as const satisfies Record<Withheld, string>;

/** The speaker sees that the others read and hear her, and in which languages. */
function AudienceChip({ audience }: { audience: Audience }) {
  const phone = useMediaQuery(PHONE);
  const text = useAudienceText(audience);
  const short = useAudienceText(audience, true);
  if (!text) return null;
  return (
    <p className={styles.chip} title={text}>
      <Captions aria-hidden />
      <span className={styles.chipText}>{phone ? short : text}</span>
    </p>
  );
}
