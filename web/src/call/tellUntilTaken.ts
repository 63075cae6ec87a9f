/** Tells the server something until it takes it: what must not be lost while nobody answers. To `useChoices.ts`. */

/** Waits before each further try, then the last for ever; a restarted server is there after seconds. */
const WAITS_MS = [500, 1_000, 2_000, 5_000];

interface TellOptions {
  /** False ends it: there is nobody to tell any more, or something else. */
  isWanted: () => boolean;
  /** It was not taken at once, and is told again: said once. */
  onRefused: () => void;
  wait?: (ms: number) => Promise<void>;
}

/** Gives the answer; null if it is not wanted any more. An answer that comes after that does not count either. */
export async function tellUntilTaken<T>(tell: () => Promise<T>, { isWanted, onRefused, wait = sleep }: TellOptions): Promise<T | null> {
  for (let attempt = 0; isWanted(); attempt += 1) {
    try {
      const answered = await tell();
      return isWanted() ? answered : null;
    } catch {
      if (!isWanted()) return null;
      if (attempt === 0) onRefused();
      await wait(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 0);
    }
  }
  return null;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
