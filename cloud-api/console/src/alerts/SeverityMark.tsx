/** Severity as shape and colour; the text stands beside it. Hollow once it is acknowledged. */
import type { Severity } from '../api/types';

export const SHAPES: Record<Severity, string> = {
  CRITICAL: 'M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z',
  MAJOR: 'M8 1.2 15.2 14.4H.8z',
  MINOR: 'M8 .8 15.2 8 8 15.2.8 8z',
  WARNING: 'M2 2h12v12H2z',
  INFO: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z',
};

export function severityColor(severity: Severity): string {
  return `var(--sev-${severity.toLowerCase()})`;
}

export function SeverityMark({ severity, hollow = false, size = 16 }: {
  severity: Severity; hollow?: boolean; size?: number;
}) {
  const color = severityColor(severity);
  return (
    <svg className="severity-mark" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[severity]} fill={hollow ? 'none' : color} stroke={color} strokeWidth={hollow ? 2 : 1}
        strokeLinejoin="round" />
    </svg>
  );
}
