/** What the action of an alert is right now; rows and detail panel show the same. */
import type { AlertView, User } from '../api/types';
import type { Words } from '../words/en';
import type { AckFailure, AckProgress } from './acknowledging';
import { UNDO_MS } from '../live/alert';

export type AckState =
  | { readonly can: 'acknowledge' }
  | { readonly can: 'undo'; readonly seconds: number }
  | { readonly can: 'nothing'; readonly sending: boolean };

export function ackState(
  alert: AlertView, progress: AckProgress | undefined, user: User, mayAcknowledge: boolean, nowMs: number,
): AckState {
  if (progress?.phase === 'sending') {
    return { can: 'nothing', sending: true };
  }
  if (!mayAcknowledge) {
    return { can: 'nothing', sending: false };
  }
  if (!alert.acknowledged) {
    return { can: 'acknowledge' };
  }
  const leftMs = Date.parse(alert.acknowledged.at) + UNDO_MS - nowMs;
  if (alert.acknowledged.by === user.name && leftMs > 0) {
    return { can: 'undo', seconds: Math.min(UNDO_MS / 1000, Math.ceil(leftMs / 1000)) };
  }
  return { can: 'nothing', sending: false };
}

export function failureText(why: AckFailure, words: Words, local: (text: { en: string; zh: string }) => string): string {
  return typeof why === 'string' ? words.ack.failed[why] : words.ack.failed.other(local(why.other));
}
