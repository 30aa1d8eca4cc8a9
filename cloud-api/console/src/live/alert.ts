/** Alerts as the API and the live stream give them, and what the console derives from one alone. */
import type { AlertView, Kind, Severity } from '../api/types';

export const SEVERITIES: readonly Severity[] = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING', 'INFO'];
export const KINDS: readonly Kind[] = ['ALARM', 'PRE_ALARM', 'SECURITY', 'SUPERVISORY', 'TROUBLE', 'TEST'];

/** How long the officer who acknowledged may take it back; the server's limit. */
export const UNDO_MS = 10_000;

/** An alert with what lists sort by, worked out once. */
export interface LiveAlert extends AlertView {
  readonly onsetMs: number;
  /** Lower comes first: unacknowledged by severity, then acknowledged by severity. */
  readonly urgency: number;
}

export function toLive(view: AlertView): LiveAlert {
  const urgency = severityRank(view.severity) + (view.acknowledged ? SEVERITIES.length : 0);
  return { ...view, onsetMs: Date.parse(view.onset), urgency };
}

/** 0 is the worst. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Still somebody's business: the condition holds, or nobody has acknowledged it. */
export function isOpen(alert: AlertView): boolean {
  return alert.state === 'ACTIVE' || !alert.acknowledged;
}

/** Whether the officer may still take the acknowledgement back. */
export function isUndoable(alert: AlertView, user: string, nowMs: number): boolean {
  return alert.acknowledged?.by === user && nowMs < Date.parse(alert.acknowledged.at) + UNDO_MS;
}

/**
 * Drills, tests and what was over before it reached the cloud are shown without a sound. Of many troubles at once the
 * first sounds for all; an alarm always sounds for itself.
 */
export function isAudible(alert: AlertView): boolean {
  return (
    !alert.acknowledged &&
    !alert.drill &&
    alert.kind !== 'TEST' &&
    !isToldByAnother(alert) &&
    !(alert.late && alert.state === 'CLEARED')
  );
}

function isToldByAnother(alert: AlertView): boolean {
  const group = alert.correlation?.group;
  return group !== undefined && group.origin !== alert.id && (alert.kind === 'TROUBLE' || alert.kind === 'SUPERVISORY');
}

/** The order of the list: unacknowledged, severity, newest first; the id makes it total. */
export function byUrgency(a: LiveAlert, b: LiveAlert): number {
  return a.urgency - b.urgency || b.onsetMs - a.onsetMs || (a.id < b.id ? -1 : 1);
}

export function worst(alerts: Iterable<AlertView>): Severity | null {
  let rank = SEVERITIES.length;
  for (const alert of alerts) {
    rank = Math.min(rank, severityRank(alert.severity));
  }
  return SEVERITIES[rank] ?? null;
}
