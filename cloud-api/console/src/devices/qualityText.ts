import { number } from '../words/format';

/** A share of 0 to 1; only what is whole is called 100 %, and only nothing 0 %. */
export function percent(share: number | undefined): string {
  if (share === undefined) {
    return '–';
  }
  const tenths = Math.round(share * 1000);
  const shown = share < 1 && share > 0 ? Math.min(999, Math.max(1, tenths)) : tenths;
  return `${number(shown / 10)} %`;
}

/** Seconds, as people say them: ≤ 1 s, ≤ 10 min, ≤ 2.5 h. */
export function atMost(seconds: number): string {
  const size = Math.abs(seconds);
  const text = size < 60 ? `${number(seconds)} s` : size < 3600 ? `${number(seconds / 60)} min` : `${number(seconds / 3600)} h`;
  return `≤ ${text}`;
}
