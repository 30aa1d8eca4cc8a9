import { useEffect } from 'react';

const RENEW_MS = 5_000;

/** Asks again every few seconds, while the page is open. */
export function useRenewal(reload: () => void, everyMs = RENEW_MS): void {
  useEffect(() => {
    const timer = setInterval(reload, everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);
}
