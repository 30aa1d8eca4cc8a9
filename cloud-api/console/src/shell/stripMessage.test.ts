import { describe, expect, it } from 'vitest';
import type { River, RiverPart } from '../api/types';
import { aRiver } from '../live/testing';
import { en } from '../words/en';
import { endsSoon, stripMessage, WARN_MS } from './stripMessage';

const river = (state: River['state'], ...dead: RiverPart['part'][]) =>
  aRiver({ state, parts: dead.map((part) => ({ part, state: 'dead', detail: { en: '', zh: '' } })) });
const text = (of: River, notice = '') => stripMessage('live', of, notice, en).text;

describe('the strip', () => {
  it('says that alarms may be missing when a part of their way is dead', () => {
    expect(text(river('dead', 'alarmJob'))).toContain('may not arrive');
    expect(text(river('degraded', 'agent', 'database'))).toContain('may not arrive');
    expect(text(river('dead'))).toContain('may not arrive');
  });

  it('says what is really missing when only the store is dead', () => {
    expect(text(river('degraded', 'database'))).toBe(en.strip.databaseDead('Database'));
    expect(text(river('degraded', 'archiveJob'))).toBe(en.strip.archiveDead('Archive job'));
    expect(text(river('degraded', 'database', 'archiveJob'))).toContain('acknowledg');
    expect(text(river('degraded', 'database'))).not.toContain('may not arrive');
  });

  it('warns before the session ends, unless something worse is to be said', () => {
    const end = Date.parse('2026-03-01T20:00:00Z');
    const notice = endsSoon(end, end - WARN_MS + 1, () => '20:00', en);
    expect(text(river('ok'), notice)).toContain('20:00');
    expect(text(river('dead', 'broker'), notice)).not.toContain('20:00');
    expect(endsSoon(end, end - WARN_MS, () => '20:00', en)).toBe('');
  });
});
