/** The limits of one account as an admin writes them. Plain functions. */
import { AMOUNTS, FEATURES, type Limits } from '../../api/accounts';

export type Amount = (typeof AMOUNTS)[number];
export type WrittenAmounts = Record<Amount, string>;
export type WrittenFeatures = Record<(typeof FEATURES)[number], boolean>;

/** What the server takes at least. */
const LEAST: Partial<Record<Amount, number>> = { roomMinutes: 1, people: 1 };
const MOST = 1_000_000;

/** A whole number that the server takes; null for nothing, which is unlimited. */
export function readAmount(name: Amount, written: string): number | null | 'wrong' {
  const text = written.trim();
  if (text === '') return null;
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  return count >= (LEAST[name] ?? 0) && count <= MOST ? count : 'wrong';
}

/** What is limited at all; null for an account that nothing limits. */
export function ownLimits(amounts: WrittenAmounts, features: WrittenFeatures): Partial<Limits> | null {
  const limited = [
    ...AMOUNTS.map((name) => [name, readAmount(name, amounts[name])] as const).filter(([, count]) => typeof count === 'number'),
    ...FEATURES.filter((name) => !features[name]).map((name) => [name, false] as const),
  ];
  return limited.length === 0 ? null : (Object.fromEntries(limited) as Partial<Limits>);
}
