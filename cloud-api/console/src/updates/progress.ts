import type { AgentUpdate } from '../api/types';

/** How far a gateway is; what it says of an earlier order is nothing of the newest one. */
export type UpdateState = 'NONE' | 'WAITING' | NonNullable<AgentUpdate['progress']>['stage'];

export function updateState(update: AgentUpdate | undefined): UpdateState {
  if (!update) {
    return 'NONE';
  }
  return update.progress?.order === update.order.id ? update.progress.stage : 'WAITING';
}

/** The server takes no larger one. */
export const MAX_BUNDLE_BYTES = 256 * 2 ** 20;

/** The version that a bundle's file is named after, `agent-1.3.0.bundle`; empty when there is none in it. */
export function versionIn(fileName: string): string {
  return /(?:^|[-_ ])v?(\d+(?:\.\d+)+(?:[-+][0-9A-Za-z.-]+)?)\.bundle$/.exec(fileName)?.[1] ?? '';
}
