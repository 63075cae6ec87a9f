/** The page's own texts, English and Vietnamese. Which one: what was chosen, else what the browser prefers. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import en from './en.json';
import vi from './vi.json';

export const PAGE_LANGUAGES = ['en', 'vi'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** Choose the page's language by the browser's list. */
export function preferredPageLanguage(languages: readonly string[]): PageLanguage {
  const bases = languages.map((tag) => tag.split('-')[0]);
  return PAGE_LANGUAGES.find((language) => language === bases.find((base) => base === 'en' || base === 'vi')) ?? 'en';
}

export async function startTranslations(language: PageLanguage): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, vi: { translation: vi } },
    lng: language,
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

export async function changePageLanguage(language: PageLanguage): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
