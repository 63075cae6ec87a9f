/** Say in few words what a model adds. Plain functions for `components/`. */
import type { Model, Models, Profile, Pull } from '../../api/models';
import { nameIn } from '../../call/languages';

const SHOWN_LANGUAGES = 4;

/** `English → Vietnamese`, or the languages it has, the first few by name and how many more. */
export function languagesOf(model: Model, locale: string): { text: string; more: number } {
  const [only, ...others] = model.pairs;
  if (only && others.length === 0) {
    return { text: only.map((code) => nameIn(code, locale)).join(' → '), more: 0 };
  }
  const codes = model.languages.length > 0 ? model.languages : [...new Set(model.pairs.flat())];
  const names = codes.slice(0, SHOWN_LANGUAGES).map((code) => nameIn(code, locale));
  return { text: names.join(', '), more: Math.max(0, codes.length - SHOWN_LANGUAGES) };
}

/** What a model does; one that is for any language marks what the voices say. */
export function kindOf(model: Model): Exclude<Model['kind'], ''> | 'marks' | 'unknown' {
  if (model.kind === 'text-to-speech' && model.languages.length === 0) {
    return 'marks';
  }
  return model.kind || 'unknown';
}

/** The licences that somebody has to accept before these can be fetched. */
export function licencesToAccept(names: readonly string[], models: Models): string[] {
  const ids = names.flatMap((name) => models.profiles.find((profile) => profile.name === name)?.models ?? [name]);
  const refused = models.models.filter((model) => ids.includes(model.id) && !model.accepted);
  return [...new Set(refused.map((model) => model.licence))];
}

export function isBusy(pull: Pull): boolean {
  return pull.phase === 'pulling' || pull.phase === 'trying' || pull.phase === 'restarting';
}

/** How far a pull is, 0 to 1; null before that is known. */
export function partOf(pull: Pull): number | null {
  return pull.totalBytes > 0 ? Math.min(1, pull.doneBytes / pull.totalBytes) : null;
}

/** Whether more memory is wanted than is free. */
export function isTooLarge(wanted: Model | Profile, models: Models): boolean {
  return wanted.ramMb > 0 && models.freeRamMb > 0 && wanted.ramMb > models.freeRamMb;
}
