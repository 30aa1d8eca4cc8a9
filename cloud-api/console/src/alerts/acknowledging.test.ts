import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type ApiClient } from '../api/client';
import { LiveStore } from '../live/store';
import { anAlert, beat, changes, snapshot } from '../live/testing';
import { Acknowledging, FAILURE_MS } from './acknowledging';

describe('an acknowledgement that failed', () => {
  const alert = anAlert('a');
  let store: LiveStore;
  let acknowledging: Acknowledging;

  beforeEach(async () => {
    vi.useFakeTimers();
    store = new LiveStore();
    store.receive(snapshot(1, [alert]));
    const api = { post: () => Promise.reject(new ApiError(503, 'database_unavailable', { en: 'away', zh: '不可用' })) };
    acknowledging = new Acknowledging(api as unknown as ApiClient, store);
    await acknowledging.acknowledge(alert);
  });

  afterEach(() => vi.useRealTimers());

  it('is said while the alert is what it was', () => {
    store.receive(beat(2));
    expect(acknowledging.state().get('a')).toMatchObject({ phase: 'failed', why: 'unavailable' });
  });

  it('is forgotten when the alert changes', () => {
    store.receive(changes(2, anAlert('a', { revision: 2 })));
    expect(acknowledging.state().has('a')).toBe(false);
  });

  it('is forgotten after some seconds', () => {
    vi.advanceTimersByTime(FAILURE_MS);
    expect(acknowledging.state().has('a')).toBe(false);
  });
});
