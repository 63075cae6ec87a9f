/** The terms of a room as the page uses them, and how they travel. To `client.ts`. */
import type { LanguageCode } from '../call/languages';

export type TermState = 'forced' | 'preferred' | 'do-not-translate' | 'banned';

export interface Term {
  source: string;
  /** Empty for what is kept as it is. */
  target: string;
  /** Null for what is kept whatever is spoken. */
  sourceLanguage: LanguageCode | null;
  targetLanguage: LanguageCode | null;
  state: TermState;
  matchCase: boolean;
}

export interface Glossary {
  /** Changes with the terms. */
  version: string;
  terms: Term[];
}

export interface TermDirection {
  source: LanguageCode;
  target: LanguageCode;
}

export type GlossaryFormat = 'csv' | 'tsv' | 'tbx';

export interface GlossaryApi {
  /** `secret` is the host's or a participant's. */
  glossary(room: string, secret: string): Promise<Glossary>;
  /** Replace all terms, if they are still those of `version`; else refused as `glossary_changed`. */
  setGlossary(room: string, hostSecret: string, version: string, terms: readonly Term[]): Promise<Glossary>;
  /** Add the terms of a file; `direction` is for one that names no languages. */
  importGlossary(room: string, hostSecret: string, file: Blob, direction: TermDirection | null): Promise<Glossary & { added: number }>;
  exportGlossary(room: string, secret: string, format: GlossaryFormat): Promise<Blob>;
}

interface WireTerm {
  source: string;
  target: string;
  source_language: string | null;
  target_language: string | null;
  state: TermState;
  match_case: boolean;
}

export interface WireGlossary {
  version: string;
  terms: WireTerm[];
  added?: number;
}

export function readGlossary({ version, terms }: WireGlossary): Glossary {
  return {
    version,
    terms: terms.map(({ source_language, target_language, match_case, ...term }) => ({
      ...term,
      sourceLanguage: source_language,
      targetLanguage: target_language,
      matchCase: match_case,
    })),
  };
}

export function writeTerm({ sourceLanguage, targetLanguage, matchCase, ...term }: Term): WireTerm {
  return { ...term, source_language: sourceLanguage, target_language: targetLanguage, match_case: matchCase };
}
