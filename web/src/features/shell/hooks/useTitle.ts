/** Names the window after its page. */
import { useEffect } from 'react';

export function useTitle(page: string, site: string): void {
  useEffect(() => {
    document.title = `${page} · ${site}`;
    return () => {
      document.title = site;
    };
  }, [page, site]);
}
