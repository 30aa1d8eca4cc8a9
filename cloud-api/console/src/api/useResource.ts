/** One GET as React state: the last answer stays while it is asked again, and a late answer to an old question is dropped. */
import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../shell/desk';
import { ApiError } from './client';

export interface Resource<T> {
  readonly value: T | null;
  readonly error: ApiError | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface Answer<T> {
  readonly path: string;
  readonly value: T | null;
  readonly error: ApiError | null;
}

/** @param path null asks nothing; another one forgets the old answer unless `keep` */
export function useResource<T>(path: string | null, keep = false): Resource<T> {
  const { api } = useDesk();
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  const [asked, setAsked] = useState(0);

  useEffect(() => {
    if (path === null) {
      return undefined;
    }
    let current = true;
    api.get<T>(path).then(
      (value) => current && setAnswer({ path, value, error: null }),
      (error: unknown) => {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        if (current) {
          setAnswer((before) => ({ path, value: before?.path === path || keep ? (before?.value ?? null) : null, error }));
        }
      },
    );
    return () => {
      current = false;
    };
  }, [api, path, asked, keep]);

  const fits = path !== null && answer !== null && (answer.path === path || keep);
  return {
    value: fits ? answer.value : null,
    error: fits ? answer.error : null,
    loading: path !== null && answer?.path !== path,
    reload: useCallback(() => setAsked((count) => count + 1), []),
  };
}
