/** Why signing in by a provider did not work: the browser comes back with the code of it. */

/** The code in the address, `?problem=oidc_refused`; null for none. */
export function problemOf(search: string): string | null {
  return new URLSearchParams(search).get('problem') || null;
}

/** Something else is tried now: the address says nothing of it any more. */
export function forgetProblem(): void {
  const address = new URL(window.location.href);
  address.searchParams.delete('problem');
  window.history.replaceState(window.history.state, '', address);
}
