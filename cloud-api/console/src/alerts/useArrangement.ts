/** The rows of the list, held still while the pointer or the keyboard is in it. */
import { useState } from 'react';
import { arrange, NOTHING, type Arrangement } from '../live/heldOrder';
import type { LiveAlert } from '../live/alert';

interface Kept {
  readonly arrangement: Arrangement;
  readonly sorted: readonly LiveAlert[];
  readonly held: boolean;
  readonly key: string;
  readonly admitted: number;
}

/** @param key of what the list shows; another one rearranges it, because somebody asked for it */
export function useArrangement(
  sorted: readonly LiveAlert[], newest: ReadonlyMap<string, LiveAlert>, held: boolean, key: string,
): Arrangement & { readonly admit: () => void } {
  const [admitted, setAdmitted] = useState(0);
  const [kept, keep] = useState<Kept>({ arrangement: NOTHING, sorted: [], held: false, key, admitted });
  let { arrangement } = kept;
  if (kept.sorted !== sorted || kept.held !== held || kept.key !== key || kept.admitted !== admitted) {
    const afresh = kept.key !== key || kept.admitted !== admitted;
    arrangement = arrange(afresh ? NOTHING : kept.arrangement, sorted, newest, held);
    keep({ arrangement, sorted, held, key, admitted });
  }
  return { ...arrangement, admit: () => setAdmitted((count) => count + 1) };
}
