import { describe, expect, it } from 'vitest';
import { en } from './en';
import { clockTime, number, quantity, span } from './format';
import { zh } from './zh';

type Tree = { readonly [key: string]: unknown };

function leaves(tree: Tree, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? leaves(value as Tree, `${path}${key}.`) : [[path + key, value]],
  );
}

describe('the dictionaries', () => {
  const english = new Map(leaves(en));
  const chinese = new Map(leaves(zh));

  it('have the same texts', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('have no empty text', () => {
    for (const [key, value] of [...english, ...chinese]) {
      expect(typeof value === 'function' || String(value).trim(), key).toBeTruthy();
    }
  });

  it('are really two languages', () => {
    const same = [...english].filter(([key, value]) => typeof value === 'string' && chinese.get(key) === value);
    expect(same).toEqual([]);
  });

  it('take as many parameters as each other, or fewer', () => {
    for (const [key, value] of english) {
      if (typeof value === 'function') {
        expect((chinese.get(key) as (...all: unknown[]) => string).length, key).toBeLessThanOrEqual(value.length);
      }
    }
  });
});

describe('numbers and times', () => {
  it('count a span up to days', () => {
    expect([0, 7_000, 754_000, 3_723_000, 187_500_000, -3000].map((ms) => span(ms, 'd'))).toEqual([
      '0:00', '0:07', '12:34', '1:02:03', '2 d 04:05', '0:00',
    ]);
  });

  it('show no more digits than a sensor has', () => {
    expect([21.50001, 0.033333, 1234567, 57].map(number)).toEqual(['21.5', '0.03333', '1234567', '57']);
    expect(quantity(57, 'Cel')).toBe('57 °C');
    expect(quantity(1, '1')).toBe('1');
  });

  it('write the time with 24 hours in both languages', () => {
    for (const locale of ['zh-CN', 'en-GB']) {
      expect(clockTime(locale, '2026-03-01T08:09:05Z')).toMatch(/^\d\d:\d\d:05$/);
    }
  });
});
