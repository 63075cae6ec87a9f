/** Names of languages and the lists people choose from. To `features/settings` and every place that shows a language. */

export type LanguageCode = string;

/** What a listener chooses who wants no dub. */
export const ORIGINAL = 'original';

/** One language as the API offers it for one purpose. */
export interface LanguageOption {
  code: LanguageCode;
  works: boolean;
  /** Stable word for why not: `not_recognised`, `not_translated`, `no_voice`; empty if it works. */
  reason: string;
}

/** One line of a list: both names, and whether it can be chosen. */
export interface LanguageChoice extends LanguageOption {
  ownName: string;
  /** The reader's name for it, empty where it would only repeat `ownName`. */
  readersName: string;
  /** Everything a person may type to find it, folded. */
  searchText: string;
}

// Intl writes Serbian in Cyrillic, Croatian and Bosnian fully; Chinese carries its script in our use.
const OWN_NAMES: Record<string, string> = { sr: 'Srpski', zh: '中文' };

/** The name its speakers use: `Tiếng Việt`. */
export function ownName(code: LanguageCode): string {
  return OWN_NAMES[code] ?? nameIn(code, code);
}

/** The name a reader of `locale` uses: `Vietnamese`. */
export function nameIn(code: LanguageCode, locale: string): string {
  try {
    const name = new Intl.DisplayNames([locale], { type: 'language' }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return code;
  }
}

/** The same in the middle of a sentence, where Vietnamese writes "tiếng" small. */
export function nameInText(code: LanguageCode, locale: string): string {
  return nameIn(code, locale).replace(/^Tiếng /, 'tiếng ');
}

/** `VI`: the short tag on a tile. */
export function shortTag(code: LanguageCode | null): string {
  return code ? code.toUpperCase() : '';
}

/** List `options` for a reader: what works first, each part by name. */
export function listLanguages(options: readonly LanguageOption[], locale: string): LanguageChoice[] {
  const byName = new Intl.Collator(locale);
  return options
    .map((option) => {
      const own = ownName(option.code);
      const readers = nameIn(option.code, locale);
      const english = nameIn(option.code, 'en');
      return {
        ...option,
        ownName: own,
        readersName: readers === own ? '' : readers,
        searchText: fold(`${own} ${readers} ${english} ${option.code}`),
      };
    })
    .sort((a, b) => Number(b.works) - Number(a.works) || byName.compare(a.ownName, b.ownName));
}

/** Write `text` without case and diacritics, so that "tieng viet" finds Tiếng Việt. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/đ/gi, 'd')
    .toLocaleLowerCase();
}

/** Choose for somebody who has not chosen yet: the browser's languages in order, as far as they work. */
export function firstThatWorks(options: readonly LanguageOption[], preferred: readonly string[]): LanguageCode | null {
  const working = new Set(options.filter((option) => option.works).map((option) => option.code));
  return preferred.map((tag) => tag.split('-')[0] ?? '').find((code) => working.has(code)) ?? null;
}

/** The direction a text of this language is written in. */
export function directionOf(code: LanguageCode): 'rtl' | 'ltr' {
  return ['ar', 'he', 'fa', 'ur'].includes(code) ? 'rtl' : 'ltr';
}

/** Whether words stand apart in writing. */
export function hasSpaces(code: LanguageCode): boolean {
  return !['zh', 'ja', 'th'].includes(code);
}
