import { describe, expect, it } from 'vitest';
import { byUrgency, isAudible, isOpen, isUndoable, toLive, worst, type LiveAlert } from './alert';
import { arrange, NOTHING } from './heldOrder';
import { anAlert, at, BY_LI } from './testing';

const ids = (alerts: readonly LiveAlert[]) => alerts.map((alert) => alert.id).join(' ');
const known = (alerts: readonly LiveAlert[]) => new Map(alerts.map((alert) => [alert.id, alert]));

describe('the order of the list', () => {
  it('is unacknowledged, severity, newest', () => {
    const alerts = [
      anAlert('acknowledged-critical', { severity: 'CRITICAL', acknowledged: BY_LI }),
      anAlert('minor', { severity: 'MINOR', onset: at(50) }),
      anAlert('major-old', { severity: 'MAJOR', onset: at(1) }),
      anAlert('major-new', { severity: 'MAJOR', onset: at(2) }),
      anAlert('critical', { severity: 'CRITICAL' }),
    ].map(toLive).sort(byUrgency);
    expect(ids(alerts)).toBe('critical major-new major-old minor acknowledged-critical');
  });

  it('compares times and not their spelling', () => {
    const alerts = [
      anAlert('whole', { onset: '2026-03-01T08:00:00Z' }), anAlert('after', { onset: '2026-03-01T08:00:00.500Z' }),
    ].map(toLive).sort(byUrgency);
    expect(ids(alerts)).toBe('after whole');
  });
});

describe('a held list', () => {
  const a = toLive(anAlert('a'));
  const b = toLive(anAlert('b'));
  const urgent = toLive(anAlert('urgent', { severity: 'CRITICAL' }));
  const shown = arrange(NOTHING, [a, b], known([a, b]), true);

  it('lets new alerts wait', () => {
    const next = arrange(shown, [urgent, a, b], known([urgent, a, b]), true);
    expect(ids(next.shown)).toBe('a b');
    expect(ids(next.waiting)).toBe('urgent');
  });

  it('shows changes in the row without moving it', () => {
    const done = toLive(anAlert('a', { acknowledged: BY_LI }));
    const next = arrange(shown, [b, done], known([b, done]), true);
    expect(ids(next.shown)).toBe('a b');
    expect(next.shown[0]!.acknowledged).toEqual(BY_LI);
  });

  it('keeps a row that no longer belongs in the list', () => {
    expect(ids(arrange(shown, [b], known([b]), true).shown)).toBe('a b');
  });

  it('is put in order when the pointer leaves', () => {
    const held = arrange(shown, [urgent, b], known([urgent, b]), true);
    const free = arrange(held, [urgent, b], known([urgent, b]), false);
    expect(ids(free.shown)).toBe('urgent b');
    expect(free.waiting).toHaveLength(0);
  });

  it('fills at once when it was empty', () => {
    expect(ids(arrange(NOTHING, [a], known([a]), true).shown)).toBe('a');
  });
});

describe('an alert', () => {
  it('is open until it is both cleared and acknowledged', () => {
    expect(isOpen(anAlert('a', { acknowledged: BY_LI }))).toBe(true);
    expect(isOpen(anAlert('a', { state: 'CLEARED', cleared: at(1) }))).toBe(true);
    expect(isOpen(anAlert('a', { state: 'CLEARED', cleared: at(1), acknowledged: BY_LI }))).toBe(false);
  });

  it('can be taken back for ten seconds by who acknowledged it', () => {
    const done = anAlert('a', { acknowledged: { ...BY_LI, at: at(5) } });
    expect(isUndoable(done, 'li', Date.parse(at(14)))).toBe(true);
    expect(isUndoable(done, 'li', Date.parse(at(15)))).toBe(false);
    expect(isUndoable(done, 'wang', Date.parse(at(6)))).toBe(false);
    expect(isUndoable(anAlert('a'), 'li', Date.parse(at(6)))).toBe(false);
  });

  it('is silent as a drill, as a test, once acknowledged, and when it came late and is over', () => {
    expect(isAudible(anAlert('a'))).toBe(true);
    expect(isAudible(anAlert('a', { late: true }))).toBe(true);
    expect(isAudible(anAlert('a', { state: 'CLEARED', cleared: at(1) }))).toBe(true);
    expect(isAudible(anAlert('a', { drill: true }))).toBe(false);
    expect(isAudible(anAlert('a', { kind: 'TEST' }))).toBe(false);
    expect(isAudible(anAlert('a', { acknowledged: BY_LI }))).toBe(false);
    expect(isAudible(anAlert('a', { late: true, state: 'CLEARED', cleared: at(1) }))).toBe(false);
    const correlation = { group: { rule: 'flood', origin: 'a', count: 12 }, urgentSince: 0 };
    expect(isAudible(anAlert('a', { kind: 'TROUBLE', correlation }))).toBe(true);
    expect(isAudible(anAlert('b', { kind: 'TROUBLE', correlation }))).toBe(false);
    expect(isAudible(anAlert('b', { kind: 'ALARM', correlation }))).toBe(true);
  });

  it('is the worst of a group by its severity', () => {
    expect(worst([anAlert('a', { severity: 'INFO' }), anAlert('b', { severity: 'MINOR' })])).toBe('MINOR');
    expect(worst([])).toBeNull();
  });
});
