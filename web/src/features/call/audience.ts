/** Who gets whose words, and how. Plain functions over people and the directions of the room. */
import type { Direction } from '../../api/types';
import type { Person } from '../../call/callState';
import { ORIGINAL, type LanguageCode } from '../../call/languages';

export interface Audience {
  /** Languages in which others read me. */
  reads: LanguageCode[];
  /** Languages in which others hear a dub of me. */
  hears: LanguageCode[];
}

/** In which languages the others get what `me` says. */
export function audienceOf(me: Person, others: readonly Person[], directions: readonly Direction[]): Audience {
  if (!me.consents || !me.speaks) return { reads: [], hears: [] };
  const { speaks } = me;
  const direction = (target: LanguageCode) =>
    directions.find((one) => one.source === speaks && one.target === target);
  const reads = others.flatMap(({ reads: code }) => (code && (code === speaks || direction(code)) ? [code] : []));
  const hears = others.flatMap(({ listens }) => (listens !== ORIGINAL && direction(listens)?.voice ? [listens] : []));
  return { reads: [...new Set(reads)].sort(), hears: [...new Set(hears)].sort() };
}

/** How a listener gets a speaker: interpreted, in the language anyway, or as original only. */
export type Reach = 'interpreted' | 'same' | 'no_direction' | 'no_consent' | 'silent';

export function reachOf(
  speaker: Person,
  listener: Pick<Person, 'reads' | 'listens'>,
  directions: readonly Direction[],
): Reach {
  if (!speaker.speaks) return 'silent';
  const target = listener.reads ?? (listener.listens === ORIGINAL ? null : listener.listens);
  if (target === null || target === speaker.speaks) return 'same';
  if (!speaker.consents) return 'no_consent';
  return directions.some((one) => one.source === speaker.speaks && one.target === target) ? 'interpreted' : 'no_direction';
}
