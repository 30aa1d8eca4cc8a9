import { describe, expect, it } from 'vitest';
import { ALL, isNarrowed, matches, readFilters, toggled, writeFilters, type Filters } from './filters';
import { anAlert } from './testing';

describe('the filters', () => {
  it('come back from the URL as they went into it', () => {
    const filters: Filters = {
      view: 'history', severities: ['CRITICAL', 'MINOR'], kinds: ['PRE_ALARM'], area: 'lakeside', text: '厨房 heat',
    };
    expect(readFilters(new URLSearchParams(writeFilters(filters).toString()))).toEqual(filters);
  });

  it('leave no trace in the URL by default', () => {
    expect(writeFilters(ALL).toString()).toBe('');
    expect(readFilters(new URLSearchParams())).toEqual(ALL);
  });

  it('ignore what the URL should not hold', () => {
    expect(readFilters(new URLSearchParams('severity=AWFUL,MAJOR&kind=&view=x'))).toEqual({ ...ALL, severities: ['MAJOR'] });
  });

  it('find by place, device, number and rule, in either language', () => {
    const alert = anAlert('3f2b');
    for (const text of ['kitchen', 'HEAT-1', '3f2b', '火警', '湖滨 building', 'fixed lakeside', '']) {
      expect(matches(alert, { ...ALL, text }), text).toBe(true);
    }
    expect(matches(alert, { ...ALL, text: 'kitchen riverside' })).toBe(false);
  });

  it('take an area with everything below it', () => {
    expect(matches(anAlert('a'), { ...ALL, area: 'district' })).toBe(true);
    expect(matches(anAlert('a'), { ...ALL, area: 'eastport' })).toBe(false);
  });

  it('narrow by severity and kind together', () => {
    const alert = anAlert('a', { severity: 'MAJOR', kind: 'SECURITY' });
    expect(matches(alert, { ...ALL, severities: ['MAJOR'], kinds: ['SECURITY', 'TROUBLE'] })).toBe(true);
    expect(matches(alert, { ...ALL, severities: ['MAJOR'], kinds: ['ALARM'] })).toBe(false);
    expect(isNarrowed({ ...ALL, kinds: ['ALARM'] })).toBe(true);
    expect(isNarrowed({ ...ALL, view: 'history', text: ' ' })).toBe(false);
  });

  it('are switched one by one', () => {
    expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
    expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
  });
});
