import type { Device, DeviceCondition, DeviceState, Severity } from '../api/types';

export interface Condition {
  readonly state: DeviceCondition;
  readonly severity: Severity | undefined;
}

/** The live stream knows it newer than the list. */
export function stateOf(device: Device, live: ReadonlyMap<string, DeviceState>): Condition {
  const { state, severity } = live.get(device.id) ?? device;
  return { state, severity };
}
