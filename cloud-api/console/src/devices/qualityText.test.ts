import { describe, expect, it } from 'vitest';
import { atMost, percent } from './qualityText';

describe('a share', () => {
  it('is called whole or nothing only when it is', () => {
    expect([1, 0.99999, 0.8734, 0.00001, 0, undefined].map(percent)).toEqual(['100 %', '99.9 %', '87.3 %', '0.1 %', '0 %', '–']);
  });
});

describe('a latency', () => {
  it('is told in the unit that fits', () => {
    expect([0.25, 1, 60, 600, 3600, 9000].map(atMost)).toEqual(['≤ 0.25 s', '≤ 1 s', '≤ 1 min', '≤ 10 min', '≤ 1 h', '≤ 2.5 h']);
  });
});
