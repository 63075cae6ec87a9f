/** In words: in which languages the others read and hear a speaker. Empty if nobody does. */
import { useTranslation } from 'react-i18next';

import { nameInText } from '../../../call/languages';
import type { Audience } from '../audience';

export function useAudienceText({ reads, hears }: Audience): string {
  const { t, i18n } = useTranslation();
  const list = (codes: string[]) => codes.map((code) => nameInText(code, i18n.language)).join(', ');
  if (reads.length === 0) return hears.length > 0 ? t('call.heardInOnly', { languages: list(hears) }) : '';
  const read = t('call.readIn', { languages: list(reads) });
  return hears.length > 0 ? `${read} · ${t('call.heardIn', { languages: list(hears) })}` : read;
}
