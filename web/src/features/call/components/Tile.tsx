/** One person on the stage: picture or initials, name and language, what sounds, and what can be done about it. */
import { Captions, EllipsisVertical, Headphones, Languages, MicOff, WifiLow } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Direction } from '../../../api/types';
import type { Person } from '../../../call/callState';
import { nameInText, shortTag } from '../../../call/languages';
import { Avatar } from '../../../ui/Avatar';
import { Video } from '../../../ui/Video';
import type { Audience, Reach } from '../audience';
import styles from './Tile.module.css';
import { TileMenu, type TileActions } from './TileMenu';
import { Wave } from './Wave';

interface TileProps {
  person: Person;
  reach: Reach;
  /** Of oneself: in which languages the others get one. */
  audience: Audience | null;
  directions: readonly Direction[];
  actions: TileActions;
}

export function Tile({ person, reach, audience, actions }: TileProps) {
  const { t, i18n } = useTranslation();
  const name = person.isLocal ? `${person.name} (${t('call.you')})` : person.name;
  const description = [
    name,
    person.speaks ? t('people.speaks', { language: nameInText(person.speaks, i18n.language) }) : null,
    person.microphoneOn ? null : t('call.muted'),
    person.dubSounding ? t('call.translatedVoice') : null,
    reach === 'interpreted' ? t('call.interpreted') : null,
    reach === 'no_consent' ? t('call.notInterpreted') : null,
  ];
  return (
    <li
      className={styles.tile}
      data-colour={person.colour}
      data-speaking={(person.speaking && person.microphoneOn) || person.dubSounding || undefined}
      aria-label={description.filter(Boolean).join(', ')}
    >
      {person.video ? <Video source={person.video} mirrored={person.isLocal} /> : <Avatar name={person.name} colour={person.colour} />}
      {person.videoPaused ? <p className={styles.paused}>{t('call.videoPaused')}</p> : null}
      <div className={styles.plate}>
        {person.dubSounding ? <Wave label={t('call.translatedVoice')} /> : null}
        {person.microphoneOn ? null : <MicOff aria-label={t('call.muted')} className={styles.muted} />}
        <span className={styles.name}>{name}</span>
        {person.speaks ? <span className={styles.tag}>· {shortTag(person.speaks)}</span> : null}
        {reach === 'interpreted' ? <Languages aria-label={t('call.interpreted')} className={styles.tagIcon} /> : null}
        {person.weakConnection ? <WifiLow aria-label={t('call.weak')} className={styles.weak} /> : null}
      </div>
      {audience ? <AudienceChip audience={audience} /> : null}
      {person.isLocal && !person.consents ? <p className={styles.chip}>{t('call.notInterpreted')}</p> : null}
      <TileMenu person={person} actions={actions}>
        <EllipsisVertical aria-hidden />
      </TileMenu>
    </li>
  );
}

/** The speaker sees that the others get her, and in which languages. */
function AudienceChip({ audience }: { audience: Audience }) {
  const { t, i18n } = useTranslation();
  const { reads, hears } = audience;
  if (reads.length + hears.length === 0) return null;
  const list = (codes: string[]) =>
    new Intl.ListFormat(i18n.language).format(codes.map((code) => nameInText(code, i18n.language)));
  const parts = [
    reads.length > 0 ? t('call.othersRead', { languages: list(reads) }) : null,
    hears.length > 0 ? t('call.othersHear', { languages: list(hears) }) : null,
  ];
  return (
    <p className={styles.chip} title={`${t('call.othersGet')} ${parts.filter(Boolean).join(', ')}`}>
      <span className="visuallyHidden">{`${t('call.othersGet')} ${parts.filter(Boolean).join(', ')}`}</span>
      {reads.length > 0 ? (
        <span className={styles.part} aria-hidden>
          <Captions /> {reads.map(shortTag).join(' ')}
        </span>
      ) : null}
      {hears.length > 0 ? (
        <span className={styles.part} aria-hidden>
          <Headphones /> {hears.map(shortTag).join(' ')}
        </span>
      ) : null}
    </p>
  );
}
