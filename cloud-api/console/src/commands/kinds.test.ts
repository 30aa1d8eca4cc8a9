import { describe, expect, it } from 'vitest';
import { isPending, kindsForDevice, kindsForGateway } from './kinds';

describe('the commands that a role is offered', () => {
  it('leave alarms to the duty officer and the gateway to the crew', () => {
    expect(kindsForGateway('DUTY_OFFICER')).toContain('SILENCE');
    expect(kindsForGateway('DUTY_OFFICER')).not.toContain('RESTART');
    expect(kindsForGateway('CREW')).toContain('RESTART');
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
  it('is asked after until it is over', () => {
    expect(isPending('WAITING')).toBe(true);
    expect(isPending('ACCEPTED')).toBe(true);
    expect(isPending('EXPIRED')).toBe(false);
  });
});
