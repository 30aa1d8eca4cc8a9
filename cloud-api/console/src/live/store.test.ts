import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveStore } from './store';
import { anAlert, at, beat, BY_LI, changes, snapshot } from './testing';

describe('the live store', () => {
  let store: LiveStore;

  beforeEach(() => {
    vi.useFakeTimers();
    store = new LiveStore();
    store.receive(snapshot(1, [anAlert('a', { revision: 5 })]));
  });

  afterEach(() => vi.useRealTimers());

  it('takes a higher revision and ignores a lower one', () => {
    store.receive(changes(2, anAlert('a', { revision: 6, severity: 'CRITICAL' })));
    store.receive(changes(3, anAlert('a', { revision: 4, severity: 'INFO' })));
    expect(store.alerts.get('a')).toMatchObject({ revision: 6, severity: 'CRITICAL' });
  });

  it('takes an acknowledgement that came with the revision it has', () => {
    store.receive(changes(2, anAlert('a', { revision: 5, acknowledged: BY_LI })));
    expect(store.alerts.get('a')?.acknowledged?.displayName).toBe('Li Wei');
  });

  it('takes an acknowledgement taken back', () => {
    store.receive(changes(2, anAlert('a', { revision: 5, acknowledged: BY_LI })));
    store.receive(changes(3, anAlert('a', { revision: 5, acknowledged: null })));
    expect(store.alerts.get('a')?.acknowledged).toBeNull();
  });

  it('forgets with a snapshot what is no longer open', () => {
    store.receive(snapshot(9, [anAlert('b')]));
    expect([...store.alerts.keys()]).toEqual(['b']);
    expect(store.seq).toBe(9);
  });

  it('keeps a higher revision than the one in a snapshot', () => {
    store.receive(snapshot(9, [anAlert('a', { revision: 3 })]));
    expect(store.alerts.get('a')?.revision).toBe(5);
  });

  it('lets a frame that overtook the answer to a request have the last word', () => {
    const mark = store.mark;
    store.receive(changes(2, anAlert('a', { revision: 5, acknowledged: null })));
    store.acceptReply(anAlert('a', { revision: 5, acknowledged: BY_LI }), mark);
    expect(store.alerts.get('a')?.acknowledged).toBeNull();
  });

  it('takes the answer to a request when nothing overtook it', () => {
    const mark = store.mark;
    store.receive(changes(2, anAlert('other')));
    store.acceptReply(anAlert('a', { revision: 5, acknowledged: BY_LI }), mark);
    expect(store.alerts.get('a')?.acknowledged).toEqual(BY_LI);
  });

  it('tells the screen of the first change at once, when nothing came for a while', () => {
    vi.advanceTimersByTime(100);
    const screen = vi.fn();
    store.subscribe(screen);
    store.receive(changes(2, anAlert('first')));
    expect(screen).toHaveBeenCalledTimes(1);
    expect(store.state().alerts.has('first')).toBe(true);
    store.receive(changes(3, anAlert('second')));
    expect(screen).toHaveBeenCalledTimes(1);
  });

  it('tells the screen once per 100 ms and the witnesses at once', () => {
    store.flush();
    const screen = vi.fn();
    const witness = vi.fn();
    store.subscribe(screen);
    store.witness(witness);
    for (let i = 0; i < 50; i++) {
      store.receive(changes(2 + i, anAlert(`n${i}`)));
    }
    expect(witness).toHaveBeenCalledTimes(50);
    expect(screen).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(screen).toHaveBeenCalledTimes(1);
    expect(store.state().alerts.size).toBe(51);
  });

  it('gives the same map of alerts again when only a beat came', () => {
    store.flush();
    const before = store.state().alerts;
    store.receive(beat(2));
    store.flush();
    expect(store.state().alerts).toBe(before);
    expect(store.state().updatedAtMs).toBe(Date.parse(at(12)));
  });

  it('stays bounded when alerts are settled all shift long', () => {
    for (let i = 0; i < 700; i++) {
      store.receive(changes(2 + i, anAlert(`s${i}`, { state: 'CLEARED', cleared: at(1), acknowledged: BY_LI })));
    }
    expect(store.alerts.size).toBe(501);
    expect(store.alerts.has('a')).toBe(true);
  });

  it('says that older alerts are missing until a complete snapshot comes', () => {
    store.receive({ ...snapshot(2, []), complete: false } as ReturnType<typeof snapshot>);
    store.flush();
    expect(store.state().gap).toEqual({ older: true, omitted: 0 });
    store.receive(snapshot(3, []));
    store.flush();
    expect(store.state().gap).toBeNull();
  });
});
