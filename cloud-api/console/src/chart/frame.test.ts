import { describe, expect, it } from 'vitest';
import { around, valueRange } from './frame';

const MINUTE = 60_000;

describe('the chart', () => {
  it('always holds the threshold', () => {
    for (const limit of [57, -20, 0.15]) {
      const [low, high] = valueRange([21, 22, 23], [limit]);
      expect(low).toBeLessThan(Math.min(21, limit));
      expect(high).toBeGreaterThan(Math.max(23, limit));
    }
  });

  it('has a range for one value, for none, and for what is no number', () => {
    expect(valueRange([0], [])).toEqual([-0.12, 0.12]);
    expect(valueRange([], [])).toEqual([0, 1]);
    expect(valueRange([Number.NaN, 1, 2], [])[0]).toBeLessThan(1);
  });

  it('shows the minutes around a short alarm', () => {
    expect(around(0, 2 * MINUTE)).toEqual({ fromMs: -5 * MINUTE, toMs: 7 * MINUTE });
  });

  it('never shows more than three hours, however long it lasts', () => {
    const { fromMs, toMs } = around(0, 40 * 60 * MINUTE);
    expect(toMs - fromMs).toBe(180 * MINUTE);
  });

  it('keeps its head when the end is before the onset', () => {
    expect(around(0, -MINUTE)).toEqual({ fromMs: -5 * MINUTE, toMs: 5 * MINUTE });
  });
});
