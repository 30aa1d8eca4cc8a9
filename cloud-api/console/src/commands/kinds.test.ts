import { describe, expect, it } from 'vitest';
import { commandInput, isPending, kindsForDevice, kindsForGateway } from './kinds';

describe('the commands that a role is offered', () => {
  it('leave alarms to the duty officer and the gateway to the crew', () => {
    expect(kindsForGateway('DUTY_OFFICER')).toContain('SILENCE');
    expect(kindsForGateway('DUTY_OFFICER')).not.toContain('RESTART');
    expect(kindsForGateway('CREW')).toEqual(expect.arrayContaining(['RESTART', 'LOG_LEVEL']));
    expect(kindsForGateway('CREW')).not.toContain('SILENCE');
  });

  it('are all of both for an administrator', () => {
    expect(kindsForGateway('ADMINISTRATOR')).toEqual(expect.arrayContaining([...kindsForGateway('CREW'), ...kindsForGateway('DUTY_OFFICER')]));
  });

  it('include those of the profile only where it has any', () => {
    expect(kindsForDevice('DUTY_OFFICER', 0)).toEqual(['RESET']);
    expect(kindsForDevice('DUTY_OFFICER', 2)).toEqual(['RESET', 'DEVICE']);
    expect(kindsForDevice('CREW', 2)).toEqual([]);
  });
});

describe('a command', () => {
  const choices = { minutes: '', outputs: false, level: 'debug', command: 'blink', value: '3' };

  it('carries the arguments of its kind, and none that was left empty', () => {
    expect(commandInput('RESTART', choices, false)).toEqual({ kind: 'RESTART', arguments: {} });
    expect(commandInput('LOG_LEVEL', choices, false)).toEqual({ kind: 'LOG_LEVEL', arguments: { level: 'debug' } });
    expect(commandInput('SILENCE', { ...choices, minutes: '10' }, false).arguments).toEqual({ minutes: '10' });
    expect(commandInput('SELF_TEST', choices, false).arguments).toEqual({});
    expect(commandInput('SELF_TEST', { ...choices, outputs: true }, false).arguments).toEqual({ outputs: 'true' });
    expect(commandInput('DEVICE', choices, true).arguments).toEqual({ command: 'blink', value: '3' });
    expect(commandInput('DEVICE', choices, false).arguments).toEqual({ command: 'blink' });
  });

  it('is asked after until it is over', () => {
    expect(isPending('WAITING')).toBe(true);
    expect(isPending('ACCEPTED')).toBe(true);
    expect(isPending('EXPIRED')).toBe(false);
  });
});
