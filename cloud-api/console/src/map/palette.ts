/** The map's colours, read from the page's, because a canvas knows no CSS variables. */
import { SEVERITIES } from '../live/alert';
import type { Severity } from '../api/types';

export interface Palette {
  readonly ground: string;
  readonly water: string;
  readonly park: string;
  readonly building: string;
  readonly buildingEdge: string;
  readonly road: string;
  readonly roadEdge: string;
  readonly border: string;
  readonly text: string;
  readonly halo: string;
  readonly chosen: string;
  readonly healthy: string;
  readonly severity: Readonly<Record<Severity, string>>;
}

export function readPalette(scheme: 'light' | 'dark'): Palette {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const severity = Object.fromEntries(
    SEVERITIES.map((each) => [each, color(`--sev-${each.toLowerCase()}`)]),
  ) as Record<Severity, string>;
  const base = scheme === 'dark'
    ? { ground: '#14191e', water: '#16262f', park: '#182420', building: '#212930', buildingEdge: '#2a333b',
        road: '#2c353d', roadEdge: '#1a2026', border: '#3a4650', healthy: '#74818d' }
    : { ground: '#eceeed', water: '#c9d8e0', park: '#dbe5d8', building: '#dcdedd', buildingEdge: '#cbcfce',
        road: '#ffffff', roadEdge: '#d2d6d6', border: '#9aa5ad', healthy: '#7c8892' };
  return { ...base, severity, text: color('--text'), halo: color('--panel'), chosen: color('--focus') };
}
