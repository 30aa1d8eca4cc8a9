import { expect, it } from 'vitest';
import { rawText } from './rawText';

const base64 = (bytes: number[]) => btoa(String.fromCharCode(...bytes));

it('shows rejected text as text', () => {
  expect(rawText(btoa('{"temperature":"n/a"}'))).toBe('{"temperature":"n/a"}');
});

it('shows rejected bytes as hexadecimal', () => {
  expect(rawText(base64([0x81, 0xff, 0x00]))).toBe('81 ff 00');
  expect(rawText(base64([1, 2, 65]))).toBe('01 02 41');
});

it('shortens what is long', () => {
  expect(rawText(btoa('x'.repeat(5000)))).toHaveLength(401);
});

it('shows nothing for nothing', () => {
  expect(rawText('')).toBe('');
});
