/** The facts of a refusal, from the members of a problem (RFC 9457), to say it in the page's own words. To `types.ts`. */
import { fromWire } from './wire';

/** What has nothing to do with the refusal is not there. The words are the server's: `src/dragoman/ground/facts.py`. */
export interface Facts {
  /** Which rule refused, where the code stands for several. */
  reason?: string;
  /** Of the request: `terms.3.source`. */
  field?: string;
  /** Of a file. */
  line?: number;
  term?: string;
  /** Of plans, or one that holds for everybody. */
  limit?: string;
  /** The most there may be. */
  allowed?: number;
  least?: number;
  free?: number;
  /** For whom requests are counted together. */
  scope?: string;
  plan?: string;
  /** `allowed` is null for any number. */
  largerPlan?: { name: string; allowed: number | null };
  /** What would help, the easiest first. */
  helps?: string[];
  startsAt?: string;
}

export function readFacts(problem: object): Facts {
  return fromWire(problem) as Facts;
}
