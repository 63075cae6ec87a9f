/** The names people are shown by, in the page's language, also of those who have left. For every place that names one. */
import { useTranslation } from 'react-i18next';

import type { CallState, KnownPerson } from '../../call/callState';
import { shortTag, type LanguageCode } from '../../call/languages';
import { COLOURS } from '../../call/speakerColours';

/** How the server calls practice speakers, perhaps with a number behind it. */
const PRACTICE_NAME = /^Practice speaker(?= \(\d+\)$|$)/;
/** What their identities begin with, which captions carry for ever. */
const PRACTICE_IDENTITY = /^practice-/;

export interface ShownNames {
  /** Of somebody whose name is known. */
  shown: (name: string) => string;
  /** Of a speaker, perhaps of before; `language` helps to tell those apart whose name nobody knows any more. */
  nameOf: (identity: string, language?: LanguageCode) => string;
  colourOf: (identity: string) => number;
}

export function useShownNames({ known }: Pick<CallState, 'known'>): ShownNames {
  const { t } = useTranslation();
  const shown = (name: string) => name.replace(PRACTICE_NAME, t('people.practiceName'));
  const nameOf = (identity: string, language?: LanguageCode) => {
    const person = known.get(identity);
    if (person) return shown(person.name);
    if (PRACTICE_IDENTITY.test(identity)) return t('people.practiceName');
    const unknown = t('captions.unknownSpeaker');
    return language ? `${unknown} · ${shortTag(language)}` : unknown;
  };
  return { shown, nameOf, colourOf: (identity) => colourIn(known, identity) };
}

/** Of who is not known, one that stays the same and differs between most. */
function colourIn(known: ReadonlyMap<string, KnownPerson>, identity: string): number {
  return known.get(identity)?.colour ?? Array.from(identity, (letter) => letter.charCodeAt(0)).reduce((a, b) => a + b, 0) % COLOURS;
}
