/** Say in few words what is interpreted. Plain functions for `components/WhatWorks.tsx`. */
import type { Direction, Offer } from '../../api/types';
import { nameIn, type LanguageCode } from '../../call/languages';

export interface Line {
  source: string;
  targets: { name: string; voice: boolean }[];
}

/** One line for each language people may speak: `English → Spanish, Catalan`. */
export function linesOf(directions: readonly Direction[], locale: string): Line[] {
  const sources = [...new Set(directions.map((direction) => direction.source))];
  return sources.map((source) => ({
    source: nameIn(source, locale),
    targets: directions
      .filter((direction) => direction.source === source)
      .map((direction) => ({ name: nameIn(direction.target, locale), voice: direction.voice })),
  }));
}

/** The languages of an offer: a pair as it is, several pairs as the list of what they have in them. */
export function languagesOf(offer: Offer, locale: string): string {
  const codes: LanguageCode[] = [...new Set(offer.conversations.flat())];
  return codes.map((code) => nameIn(code, locale)).join(' ↔ ');
}

/** `75 MB`, `1.2 GB`, as the reader writes numbers. */
export function sizeOf(megabytes: number, locale: string): string {
  const [value, unit] = megabytes >= 1_000 ? [megabytes / 1_000, 'gigabyte'] : [megabytes, 'megabyte'];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    maximumFractionDigits: unit === 'gigabyte' ? 1 : 0,
  }).format(value);
}
