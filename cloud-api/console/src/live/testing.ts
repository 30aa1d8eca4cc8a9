/** Builders for the tests. */
import type { AlertView, LiveFrame, River } from '../api/types';

const START = Date.parse('2026-03-01T08:00:00Z');

export function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

export function anAlert(id: string, changes: Partial<AlertView> = {}): AlertView {
  return {
    id, revision: 1, state: 'ACTIVE', rule: 'heat/fixed', ruleVersion: 1, kind: 'ALARM', severity: 'MAJOR',
    gateway: 'gw-1', device: 'heat-1', place: { areas: ['district', 'lakeside'], name: 'Building 4, Kitchen' },
    metric: 'temperature', value: 61, unit: 'Cel', onset: at(0), updated: at(0), late: false, drill: false,
    evidence: { limit: 57, readings: [] }, name: { en: 'Fire: fixed temperature', zh: '火警：定温' },
    deviceName: 'Heat detector 1', areaNames: [{ en: 'District', zh: '区' }, { en: 'Lakeside', zh: '湖滨街道' }],
    acknowledged: null, receivedAt: at(0), ...changes,
  };
}

export const BY_LI = { by: 'li', displayName: 'Li Wei', at: at(5), revision: 1 };

export function aRiver(changes: Partial<River> = {}): River {
  return { state: 'ok', lastPulseAt: at(0), parts: [{ part: 'alarmJob', state: 'ok', detail: { en: '', zh: '' } }], ...changes };
}

export function snapshot(seq: number, alerts: AlertView[], river: River = aRiver()): LiveFrame {
  return { type: 'snapshot', seq, serverTime: at(10), alerts, river, complete: true, omitted: 0 };
}

export function changes(seq: number, ...alerts: AlertView[]): LiveFrame {
  return { type: 'changes', seq, serverTime: at(11), alerts };
}

export function beat(seq: number, river: River = aRiver(), serverTime = at(12)): LiveFrame {
  return { type: 'beat', seq, serverTime, river };
}
