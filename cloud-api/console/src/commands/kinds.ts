import type { Command, Role } from '../api/types';

export type CommandKind = Command['kind'];

/** What each role may ask of a gateway, in the order of the list; the server has the last word. */
const OF_GATEWAY: Record<Role, readonly CommandKind[]> = {
  DUTY_OFFICER: ['SELF_TEST', 'SILENCE'],
  CREW: ['SELF_TEST', 'READ_CONFIGURATION', 'DIAGNOSTICS', 'RESTART'],
  ADMINISTRATOR: ['SELF_TEST', 'SILENCE', 'READ_CONFIGURATION', 'DIAGNOSTICS', 'RESTART'],
};

export function kindsForGateway(role: Role): readonly CommandKind[] {
  return OF_GATEWAY[role];
}

/** Of a device; `commands` are those of its profile. */
export function kindsForDevice(role: Role, commands: number): readonly CommandKind[] {
  if (role === 'CREW') {
    return [];
  }
  return commands > 0 ? ['RESET', 'DEVICE'] : ['RESET'];
}

/** Whether more may still be heard of it. */
export function isPending(state: Command['state']): boolean {
  return state === 'WAITING' || state === 'ACCEPTED';
}
