/** Does something when the connection is back or somebody looks at the page again: after a night, or a lost network. */
import { useEffect, useRef } from 'react';

export function useReturn(wanted: boolean, onReturn: () => void): void {
  const latest = useRef(onReturn);
  useEffect(() => {
    latest.current = onReturn;
  });
  useEffect(() => {
    if (!wanted) return;
    const online = () => latest.current();
    const seen = () => {
      if (document.visibilityState === 'visible') latest.current();
    };
    window.addEventListener('online', online);
    document.addEventListener('visibilitychange', seen);
    return () => {
      window.removeEventListener('online', online);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [wanted]);
}
