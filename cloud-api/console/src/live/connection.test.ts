import { beforeEach, describe, expect, it } from 'vitest';
import { LiveConnection, STALE_MS, type Socket } from './connection';
import { LiveStore } from './store';
import { anAlert, beat, changes, snapshot } from './testing';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;

  close(): void {
    this.closed = true;
  }
}

describe('the live connection', () => {
  let now: number;
  let sockets: FakeSocket[];
  let askedFrom: (number | null)[];
  let store: LiveStore;
  let refused: number;
  let connection: LiveConnection;

  beforeEach(() => {
    now = 0;
    sockets = [];
    askedFrom = [];
    store = new LiveStore();
    refused = 0;
    connection = new LiveConnection({
      store,
      now: () => now,
      onRefused: () => refused++,
      open: (seq) => {
        askedFrom.push(seq);
        sockets.push(new FakeSocket());
        return last();
      },
    });
    connection.start();
  });

  const last = () => sockets[sockets.length - 1]!;
  const says = (frame: object) => last().onmessage?.({ data: JSON.stringify(frame) });
  const later = (ms: number) => {
    now += ms;
    connection.tick();
  };
  const connects = () => {
    last().onopen?.();
    says(snapshot(7, [anAlert('a')]));
  };

  it('is live with the first frame', () => {
    expect(store.link).toBe('connecting');
    connects();
    expect(store.link).toBe('live');
  });

  it('says within 5 s that a half-open connection is lost', () => {
    connects();
    later(STALE_MS + 1);
    expect(STALE_MS + 500).toBeLessThanOrEqual(5000);
    expect(store.link).toBe('lost');
    expect(last().closed).toBe(true);
  });

  it('stays live as long as the server beats', () => {
    connects();
    for (let i = 0; i < 20; i++) {
      later(2000);
      says(beat(7));
    }
    expect(store.link).toBe('live');
    expect(sockets).toHaveLength(1);
  });

  it('comes back by itself and asks for what it missed', () => {
    connects();
    last().onclose?.({ code: 1006 });
    expect(store.link).toBe('lost');
    later(250);
    expect(askedFrom).toEqual([null, 7]);
    last().onopen?.();
    says(changes(9, anAlert('b')));
    expect(store.link).toBe('live');
    expect([...store.alerts.keys()]).toEqual(['a', 'b']);
  });

  it('never waits longer than 5 s before it tries again', () => {
    for (let i = 0; i < 12; i++) {
      last().onclose?.({ code: 1006 });
      const before = sockets.length;
      later(5000);
      expect(sockets).toHaveLength(before + 1);
    }
  });

  it('asks whether the session is over when it is refused or sent away', () => {
    last().onclose?.({ code: 1006 });
    expect(refused).toBe(1);
    later(5000);
    connects();
    last().onclose?.({ code: 1001 });
    expect(refused).toBe(1);
    later(5000);
    connects();
    last().onclose?.({ code: 4401 });
    expect(refused).toBe(2);
  });

  it('ignores a kind of frame it does not know', () => {
    connects();
    says({ type: 'weather', serverTime: 'now' });
    expect(store.link).toBe('live');
  });

  it('does nothing more once stopped', () => {
    connects();
    connection.stop();
    later(60_000);
    expect(sockets).toHaveLength(1);
    expect(last().closed).toBe(true);
  });
});
