/** What the list shows; the state is in the URL, so that it can be sent, bookmarked and come back to. */
import type { AlertView, Kind, LocalText, Severity } from '../api/types';
import { KINDS, SEVERITIES } from './alert';

export type View = 'open' | 'history';

export interface Filters {
  readonly view: View;
  readonly severities: readonly Severity[];
  readonly kinds: readonly Kind[];
  readonly area: string;
  readonly text: string;
}

export const ALL: Filters = { view: 'open', severities: [], kinds: [], area: '', text: '' };

export function readFilters(params: URLSearchParams): Filters {
  return {
    view: params.get('view') === 'history' ? 'history' : 'open',
    severities: chosen(params.get('severity'), SEVERITIES),
    kinds: chosen(params.get('kind'), KINDS),
    area: params.get('area') ?? '',
    text: params.get('q') ?? '',
  };
}

/** Defaults leave no trace in the URL. */
export function writeFilters(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (filters.view !== 'open') {
    params.set('view', filters.view);
  }
  if (filters.severities.length > 0) {
    params.set('severity', filters.severities.join(','));
  }
  if (filters.kinds.length > 0) {
    params.set('kind', filters.kinds.join(','));
  }
  if (filters.area) {
    params.set('area', filters.area);
  }
  if (filters.text) {
    params.set('q', filters.text);
  }
  return params;
}

export function isNarrowed(filters: Filters): boolean {
  return filters.severities.length + filters.kinds.length > 0 || filters.area !== '' || filters.text.trim() !== '';
}

export function matches(alert: AlertView, filters: Filters): boolean {
  return (
    (filters.severities.length === 0 || filters.severities.includes(alert.severity)) &&
    (filters.kinds.length === 0 || filters.kinds.includes(alert.kind)) &&
    (filters.area === '' || alert.place.areas.includes(filters.area)) &&
    containsAllWords(alert, filters.text)
  );
}

/** Each word must be found somewhere: place, device, number, rule, in either language. */
function containsAllWords(alert: AlertView, text: string): boolean {
  if (text.trim() === '') {
    return true;
  }
  const words = text.trim().toLowerCase().split(/\s+/);
  const both = (name: LocalText) => `${name.en} ${name.zh}`;
  const hay = [
    alert.id, alert.device, alert.deviceName ?? '', alert.place.name ?? '', alert.rule, both(alert.name),
    ...(alert.areaNames ?? []).map(both),
  ].join(' ').toLowerCase();
  return words.every((word) => hay.includes(word));
}

function chosen<T extends string>(list: string | null, known: readonly T[]): T[] {
  const given = (list ?? '').split(',');
  return known.filter((value) => given.includes(value));
}

export function toggled<T>(list: readonly T[], value: T): T[] {
  return list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
}
