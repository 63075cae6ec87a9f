/** In words: in which languages the others read and hear a speaker. Empty if nobody does; `short` where there is little room. */
import { useTranslation } from 'react-i18next';

import { nameInText, shortTag } from '../../../call/languages';
import type { Audience } from '../../../call/audience';

export function useAudienceText({ reads, hears }: Audience, short = false): string {
  const { t, i18n } = useTranslation();
  const list = (codes: string[]) => codes.map((code) => (short ? shortTag(code) : nameInText(code, i18n.language))).join(', ');
  if (reads.length === 0) return hears.length > 0 ? t('call.heardInOnly', { languages: list(hears) }) : '';
  if (list(reads) === list(hears)) return t('call.readAndHeardIn', { languages: list(reads) });
  const read = t('call.readIn', { languages: list(reads) });
  return hears.length > 0 ? `${read} · ${t('call.heardIn', { languages: list(hears) })}` : read;
}
