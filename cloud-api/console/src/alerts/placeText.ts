import type { AlertView, LocalText } from '../api/types';

/** Town and below, then the words of the site; the district is the same for everything on the screen. */
export function placeText(alert: AlertView, local: (text: LocalText) => string): string {
  const areas = (alert.areaNames ?? []).map(local);
  const named = areas.length > 0 ? areas : alert.place.areas;
  return [...(named.length > 1 ? named.slice(1) : named), alert.place.name].filter(Boolean).join(' · ');
}
