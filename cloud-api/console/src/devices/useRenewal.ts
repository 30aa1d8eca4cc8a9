import { useEffect } from 'react';

const RENEW_MS = 5_000;

/** Asks again every few seconds, while the page is open. */
export function useRenewal(reload: () => void): void {
  useEffect(() => {
    const timer = setInterval(reload, RENEW_MS);
    return () => clearInterval(timer);
  }, [reload]);
}
