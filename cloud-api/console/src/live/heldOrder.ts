/**
 * Which rows the list shows while the pointer or the focus is in it. A row never moves under them: while the list is
 * held, rows change in place and newcomers wait to be let in.
 */
import type { LiveAlert } from './alert';

export interface Arrangement {
  /** The rows, in their order. */
  readonly shown: readonly LiveAlert[];
  /** Those that wait, most urgent first. */
  readonly waiting: readonly LiveAlert[];
}

export const NOTHING: Arrangement = { shown: [], waiting: [] };

/**
 * @param previous what is on the screen
 * @param sorted every alert that belongs in the list, in its due order
 * @param newest what is known of each alert, also of those that no longer belong in the list
 * @param held whether the pointer or the focus is in the list
 */
export function arrange(
  previous: Arrangement,
  sorted: readonly LiveAlert[],
  newest: ReadonlyMap<string, LiveAlert>,
  held: boolean,
): Arrangement {
  if (!held || previous.shown.length === 0) {
    return { shown: sorted, waiting: [] };
  }
  const shown = previous.shown.map((row) => newest.get(row.id) ?? row);
  const onScreen = new Set(shown.map((row) => row.id));
  return { shown, waiting: sorted.filter((alert) => !onScreen.has(alert.id)) };
}
