/** What a list of terms can be changed into. Plain; for `hooks/useGlossary.ts` and the form. */
import type { Term, TermState } from '../../api/glossary';
import type { LanguageCode } from '../../call/languages';

export const STATES: readonly TermState[] = ['forced', 'preferred', 'do-not-translate', 'banned'];
export const MAX_TERMS = 1000;
export const MAX_TERM_CHARS = 200;

/** A form before anything is written in it. */
export function newTerm(sourceLanguage: LanguageCode | null, targetLanguage: LanguageCode | null): Term {
  return { source: '', target: '', sourceLanguage, targetLanguage, state: 'forced', matchCase: false };
}

/** As it is stored: what is kept has no translation, and holds for all languages. */
export function tidy(term: Term): Term {
  const source = term.source.trim();
  if (term.state === 'do-not-translate') return { ...term, source, target: '', sourceLanguage: null, targetLanguage: null };
  return { ...term, source, target: term.target.trim() };
}

export type Fault = 'source' | 'target' | 'languages' | 'twice' | 'full';

/** Why a term cannot be stored among the others; null if it can. */
export function faultOf(written: Term, others: readonly Term[]): Fault | null {
  const term = tidy(written);
  if (!/[\p{L}\p{N}]/u.test(term.source)) return 'source';
  if (term.state !== 'do-not-translate') {
    if (!/[\p{L}\p{N}]/u.test(term.target)) return 'target';
    if (!term.sourceLanguage || !term.targetLanguage || term.sourceLanguage === term.targetLanguage) return 'languages';
  }
  if (others.some((other) => isSame(other, term))) return 'twice';
  return others.length >= MAX_TERMS ? 'full' : null;
}

/** What tells a term from the others of its list, wherever it stands there. */
export function keyOf({ source, target, sourceLanguage, targetLanguage, state, matchCase }: Term): string {
  return JSON.stringify([source, target, sourceLanguage, targetLanguage, state, matchCase]);
}

export function isSame(one: Term, other: Term): boolean {
  return keyOf(one) === keyOf(other);
}

export function without(terms: readonly Term[], index: number): Term[] {
  return terms.filter((_, place) => place !== index);
}

export function replaced(terms: readonly Term[], index: number, term: Term): Term[] {
  return terms.map((before, place) => (place === index ? tidy(term) : before));
}

/** The terms with one that was taken away, where it stood if they are as many still; as they are, if it is there again. */
export function restored(terms: readonly Term[], index: number, term: Term): Term[] {
  return terms.some((other) => isSame(other, term)) ? [...terms] : [...terms.slice(0, index), term, ...terms.slice(index)];
}
