import { describe, expect, it } from 'vitest';
import type { AgentUpdate } from '../api/types';
import { updateState, versionIn } from './progress';

const order: AgentUpdate['order'] = {
  id: 7, gateway: 'gw', version: '1.2.0', size: 1, sha256: '', by: 'admin', displayName: 'Admin', at: '2026-03-01T08:00:00Z',
};
const said = (id: number) => ({ order: id, version: '1.2.0', stage: 'ROLLED_BACK' as const, detail: 'it was not well' });

describe('the state of an update', () => {
  it('is what the gateway says of that order', () => {
    expect(updateState({ order, progress: said(7) })).toBe('ROLLED_BACK');
  });

  it('is waiting while the gateway still speaks of the order before, or of none', () => {
    expect(updateState({ order, progress: said(6) })).toBe('WAITING');
    expect(updateState({ order })).toBe('WAITING');
  });

  it('is none where nothing was ordered', () => {
    expect(updateState(undefined)).toBe('NONE');
  });
});

describe('the version in the name of a bundle', () => {
  it('is found where the vendor wrote it', () => {
    expect(versionIn('agent-1.3.0.bundle')).toBe('1.3.0');
    expect(versionIn('1.3.0.bundle')).toBe('1.3.0');
    expect(versionIn('tocsin_v2.0.1-rc.1.bundle')).toBe('2.0.1-rc.1');
  });

  it('is empty for any other file', () => {
    expect(versionIn('holiday.zip')).toBe('');
    expect(versionIn('agent.bundle')).toBe('');
  });
});
