/** The sentences of a refusal, from its facts and the texts under `refusal`. Plain; to `hooks/useFaultWords.ts`. */
import type { i18n, TFunction } from 'i18next';

import type { Facts } from '../../api/facts';
import en from '../../i18n/en.json';
import { dayAndTimeIn } from '../rooms/when';
import type { Fault } from './faults';

type Group = 'amount' | 'feature' | 'larger' | 'help' | 'bound' | 'slots' | 'rated' | 'scope' | 'reason' | 'field';
type Values = Record<string, string | number | undefined>;
type Say = (group: Group, name: string | undefined, values?: Values) => string;

/** Longer waits are said in minutes. */
const LONG_WAIT_S = 120;

/** Say which limit or rule it was and what helps; empty where the facts are not enough, or unknown to this page. */
export function refusalWords({ t, language }: Pick<i18n, 't' | 'language'>, { code, facts, retryAfterS }: Fault): string {
  const say = speaker(t);
  switch (code) {
    case 'limit_reached':
    case 'room_full_by_plan':
      return ofPlan(t, say, facts, language);
    case 'too_many_requests':
      return ofRate(t, say, facts, retryAfterS, language);
    case 'slots_taken':
      return say('slots', 'free', {
        count: facts.free,
        free: facts.free,
        number: facts.allowed,
        when: facts.startsAt && dayAndTimeIn(facts.startsAt, language),
      });
    default:
      return ofRule(t, say, facts, language) || ofBound(say, facts, language);
  }
}

/** `45 seconds`, `15 minutes`, as the reader writes units. */
export function waitIn(seconds: number, locale: string): string {
  const [value, unit] = seconds <= LONG_WAIT_S ? [Math.ceil(seconds), 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

function ofPlan(t: TFunction, say: Say, facts: Facts, locale: string): string {
  const plan = planNamed(t, facts.plan);
  const isAmount = facts.limit !== undefined && isText('amount', facts.limit);
  const what = isAmount ? say('amount', facts.limit, { ...counted(facts.allowed, locale), plan }) : say('feature', facts.limit, { plan });
  if (!what) return '';
  const helps = (facts.helps ?? []).filter((help) => help !== 'ask_admin').map((help) => say('help', help));
  return joined(what, ...helps, ofLarger(t, say, facts, isAmount, locale));
}

function ofLarger(t: TFunction, say: Say, { largerPlan }: Facts, isAmount: boolean, locale: string): string {
  if (!largerPlan) return say('larger', 'none');
  const plan = planNamed(t, largerPlan.name);
  if (!isAmount) return say('larger', 'has', { plan });
  return largerPlan.allowed === null ? say('larger', 'any', { plan }) : say('larger', 'more', { ...counted(largerPlan.allowed, locale), plan });
}

function ofRate(t: TFunction, say: Say, facts: Facts, retryAfterS: number | null, locale: string): string {
  const isPlans = facts.limit !== undefined && isText('amount', facts.limit);
  const what = isPlans ? say('amount', facts.limit, { ...counted(facts.allowed, locale), plan: planNamed(t, facts.plan) }) : say('rated', facts.limit);
  if (!what) return '';
  const again = retryAfterS === null ? say('help', 'wait') : t('refusal.again', { wait: waitIn(retryAfterS, locale) });
  return joined(what, isPlans ? '' : say('scope', facts.scope), again, isPlans ? ofLarger(t, say, facts, true, locale) : '');
}

function ofRule(t: TFunction, say: Say, facts: Facts, locale: string): string {
  const range = { least: shown(facts.least, locale), allowed: shown(facts.allowed, locale) };
  const limit = limitNamed(t, facts.limit);
  const what = say('reason', facts.reason, { ...counted(facts.least ?? facts.allowed, locale), ...range, term: facts.term, limit });
  if (!what) return '';
  if (facts.line !== undefined) return t('refusal.inLine', { line: facts.line, what });
  if (!OF_FIELDS.includes(facts.reason ?? '')) return what;
  const field = say('field', facts.field?.split('.').findLast((part) => !/^\d+$/.test(part)));
  return field && t('refusal.inField', { field, what });
}

/** Reasons that say nothing without the name of the field. */
const OF_FIELDS = ['missing', 'unknown_field', 'too_short', 'too_long', 'too_few', 'too_many', 'too_small', 'too_large', 'not_offered', 'malformed'];

function ofBound(say: Say, { limit, allowed }: Facts, locale: string): string {
  return say('bound', limit, counted(allowed, locale));
}

/** Say a text if there is one of this name, and every blank of it can be filled. */
function speaker(t: TFunction): Say {
  const plain = t as (key: string, values: Values) => string;
  return (group, name, values = {}) => {
    if (name === undefined || !isText(group, name)) return '';
    const needed = blanksOf(group, name, values.count);
    if (needed.some((blank) => values[blank] === undefined || values[blank] === '')) return '';
    return plain(`refusal.${group}.${name}`, values);
  };
}

function isText(group: Group, name: string): boolean {
  return Object.hasOwn(en.refusal[group], name) || Object.hasOwn(en.refusal[group], `${name}_other`);
}

function blanksOf(group: Group, name: string, count: string | number | undefined): string[] {
  const texts: Record<string, string> = en.refusal[group];
  const forms = Object.hasOwn(texts, name) ? [texts[name]] : [texts[`${name}_other`]];
  const blanks = forms.flatMap((text) => [...(text ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? ''));
  return Object.hasOwn(texts, name) || count !== undefined ? blanks : [...blanks, 'count'];
}

function counted(number: number | undefined, locale: string): Values {
  return { count: number, number: shown(number, locale) };
}

/** A year stays `2026`. */
function shown(number: number | undefined, locale: string): string | undefined {
  return number === undefined ? undefined : new Intl.NumberFormat(locale, { useGrouping: 'min2' }).format(number);
}

function planNamed(t: TFunction, plan: string | undefined): string | undefined {
  if (plan === undefined || !Object.hasOwn(en.plan.name, plan)) return plan;
  return t(`plan.name.${plan}` as 'plan.name.free');
}

function limitNamed(t: TFunction, limit: string | undefined): string | undefined {
  const name = limit?.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (name === undefined) return undefined;
  if (Object.hasOwn(en.plan.limit, name)) return t(`plan.limit.${name}` as 'plan.limit.people');
  return Object.hasOwn(en.plan.feature, name) ? t(`plan.feature.${name}` as 'plan.feature.api') : undefined;
}

function joined(...sentences: string[]): string {
  return sentences.filter(Boolean).join(' ');
}
