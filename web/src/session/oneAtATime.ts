/** Runs one task of a name at a time, in all tabs of this browser. To `session.ts`. */

/** Longer than any answer of the API takes. */
const WAIT_MS = 30_000;

export type OneAtATime = <Result>(name: string, task: () => Promise<Result>) => Promise<Result>;

/** By Web Locks; where a browser has none (plain http from another machine), within this tab alone. */
export const oneAtATime: OneAtATime = async (name, task) => {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return task();
  return await locks.request(name, { signal: AbortSignal.timeout(WAIT_MS) }, task);
};
