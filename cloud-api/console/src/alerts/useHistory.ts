/** Cleared alerts, from the API, page by page; the words of the search narrow what was loaded. */
import { useEffect, useMemo, useState } from 'react';
import { ApiError } from '../api/client';
import type { AlertPage } from '../api/types';
import { toLive, type LiveAlert } from '../live/alert';
import { matches, type Filters } from '../live/filters';
import { useDesk } from '../shell/desk';

const PAGE = 200;

export interface History {
  readonly alerts: readonly LiveAlert[];
  readonly error: ApiError | null;
  readonly loading: boolean;
  /** Null when everything is loaded. */
  readonly more: (() => void) | null;
  readonly retry: () => void;
}

interface Loaded {
  readonly path: string;
  readonly alerts: readonly LiveAlert[];
  readonly next: string | null;
  readonly error: ApiError | null;
}

export function useHistory(filters: Filters): History {
  const { api } = useDesk();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [ask, setAsk] = useState({ cursor: null as string | null, count: 0 });
  const path = filters.view === 'history' ? historyPath(filters) : null;

  useEffect(() => {
    if (path === null) {
      setLoaded(null);
      return undefined;
    }
    let current = true;
    api.get<AlertPage>(ask.cursor ? `${path}&before=${ask.cursor}` : path).then(
      (page) => current && setLoaded((before) => ({
        path,
        alerts: [...(ask.cursor && before?.path === path ? before.alerts : []), ...page.alerts.map(toLive)],
        next: page.next ?? null,
        error: null,
      })),
      (error: unknown) => {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        if (current) {
          setLoaded((before) => ({
            path, alerts: before?.path === path ? before.alerts : [], next: before?.next ?? null, error,
          }));
        }
      },
    );
    return () => {
      current = false;
    };
  }, [api, path, ask]);

  useEffect(() => setAsk({ cursor: null, count: 0 }), [path]);

  const alerts = useMemo(
    () => (loaded?.alerts ?? []).filter((alert) => matches(alert, filters)),
    [loaded, filters],
  );
  const next = loaded?.next ?? null;
  return {
    alerts,
    error: loaded?.error ?? null,
    loading: path !== null && loaded?.path !== path,
    more: next === null ? null : () => setAsk(({ count }) => ({ cursor: next, count: count + 1 })),
    retry: () => setAsk(({ cursor, count }) => ({ cursor, count: count + 1 })),
  };
}

function historyPath(filters: Filters): string {
  const params = new URLSearchParams({ state: 'cleared', limit: String(PAGE) });
  if (filters.severities.length > 0) {
    params.set('severity', filters.severities.join(','));
  }
  if (filters.kinds.length > 0) {
    params.set('kind', filters.kinds.join(','));
  }
  if (filters.area) {
    params.set('area', filters.area);
  }
  return `/alerts?${params}`;
}
