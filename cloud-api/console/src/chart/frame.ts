/** What part of the time and of the values a chart shows; plain, so that it can be tested. */

const MINUTE_MS = 60_000;
const MIN_PAD_MS = 5 * MINUTE_MS;
const MAX_PAD_MS = 30 * MINUTE_MS;
/** A condition that lasts longer than this is shown from its onset on; a twelve-hour axis shows nothing. */
const MAX_LENGTH_MS = 120 * MINUTE_MS;

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From some time before the onset to some time after the end, or to now. */
export function around(onsetMs: number, endMs: number): TimeRange {
  const length = Math.min(Math.max(0, endMs - onsetMs), MAX_LENGTH_MS);
  const pad = Math.min(MAX_PAD_MS, Math.max(MIN_PAD_MS, length * 0.3));
  return { fromMs: onsetMs - pad, toMs: onsetMs + length + pad };
}

/** Holds every value and every limit, with some air, so that a threshold is never out of sight. */
export function valueRange(values: readonly number[], limits: readonly number[]): [number, number] {
  const all = [...values, ...limits].filter(Number.isFinite);
  if (all.length === 0) {
    return [0, 1];
  }
  const low = Math.min(...all);
  const high = Math.max(...all);
  const air = (high - low || Math.abs(high) || 1) * 0.12;
  return [low - air, high + air];
}
