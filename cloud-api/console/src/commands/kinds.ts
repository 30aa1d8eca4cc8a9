import type { Command, Role } from '../api/types';

export type CommandKind = Command['kind'];

/** What each role may ask of a gateway, in the order of the list; the server has the last word. */
const OF_GATEWAY: Record<Role, readonly CommandKind[]> = {
  DUTY_OFFICER: ['SELF_TEST', 'SILENCE'],
  CREW: ['SELF_TEST', 'READ_CONFIGURATION', 'LOG_LEVEL', 'DIAGNOSTICS', 'RESTART'],
  ADMINISTRATOR: ['SELF_TEST', 'SILENCE', 'READ_CONFIGURATION', 'LOG_LEVEL', 'DIAGNOSTICS', 'RESTART'],
};

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'];

/** What the form holds, also of kinds that are not chosen. */
export interface Choices {
  readonly minutes: string;
  readonly outputs: boolean;
  readonly level: string;
  readonly command: string;
  readonly value: string;
}

/** The body of the request; an argument that was left empty is left out. */
export function commandInput(kind: CommandKind, { minutes, outputs, level, command, value }: Choices, takesValue: boolean) {
  const given: Partial<Record<CommandKind, Record<string, string>>> = {
    SILENCE: { minutes },
    SELF_TEST: { outputs: outputs ? 'true' : '' },
    LOG_LEVEL: { level, minutes },
    DEVICE: { command, value: takesValue ? value : '' },
  };
  return { kind, arguments: Object.fromEntries(Object.entries(given[kind] ?? {}).filter(([, text]) => text !== '')) };
}

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
