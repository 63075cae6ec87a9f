/** The addresses of the page. */

export type Place =
  | { page: 'home' | 'sign_in' | 'sign_up' | 'invitation' | 'team' | 'account' | 'admin' | 'nowhere' }
  | { page: 'call' | 'room'; room: string };

const PLAIN: Record<string, Place> = {
  '/': { page: 'home' },
  '/sign-in': { page: 'sign_in' },
  '/sign-up': { page: 'sign_up' },
  '/invitation': { page: 'invitation' },
  '/team': { page: 'team' },
  '/account': { page: 'account' },
  '/admin': { page: 'admin' },
};

/** What stands at an address. */
export function placeOf(path: string): Place {
  const plain = PLAIN[path.length > 1 ? path.replace(/\/$/, '') : path];
  if (plain) return plain;
  const call = roomOfPath(path);
  if (call) return { page: 'call', room: call };
  const room = /^\/rooms\/([A-Za-z0-9_-]{4,64})\/?$/.exec(path)?.[1];
  return room ? { page: 'room', room } : { page: 'nowhere' };
}

/** The room of an address such as `/r/AbC_-123`, or null. */
export function roomOfPath(path: string): string | null {
  return /^\/r\/([A-Za-z0-9_-]{4,64})\/?$/.exec(path)?.[1] ?? null;
}

/** The address of signing in, from where one comes back to `path`. */
export function signInPath(path: string): string {
  return path === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(path)}`;
}

/** Where somebody wanted to go before signing in: a path of this page, never of another one. */
export function wantedPath(search: string, origin: string): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  try {
    const url = new URL(to, origin);
    const isOwn = url.origin === origin && to.startsWith('/') && placeOf(url.pathname).page !== 'nowhere';
    return isOwn && !url.pathname.startsWith('/sign-') ? url.pathname : '/';
  } catch {
    return '/';
  }
}
