/**
 * Acknowledging and taking back, outside React: what is under way or failed for an alert stands here until it is
 * settled, so that the row can say so wherever it is drawn.
 */
import { ApiError, type ApiClient } from '../api/client';
import type { AlertView, LocalText } from '../api/types';
import type { LiveStore } from '../live/store';

/** How long a failure is said; the row is then as it was before. */
export const FAILURE_MS = 15_000;

export type AckFailure =
  | 'conflict' | 'taken' | 'unavailable' | 'forbidden' | 'network' | 'gone' | 'undoLate' | { readonly other: LocalText };

export type AckProgress =
  | { readonly phase: 'sending' }
  | {
    readonly phase: 'failed';
    readonly why: AckFailure;
    /** What was known of the alert; of another one the failure says nothing. */
    readonly of: string;
  };

export type Acknowledgements = ReadonlyMap<string, AckProgress>;

export class Acknowledging {
  readonly #api: ApiClient;
  readonly #store: LiveStore;
  #progress: Acknowledgements = new Map();
  #listeners = new Set<() => void>();

  constructor(api: ApiClient, store: LiveStore) {
    this.#api = api;
    this.#store = store;
    store.witness(() => this.#forgetOutdated());
  }

  readonly state = (): Acknowledgements => this.#progress;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Against the revision the officer saw: what changed meanwhile is the server's to refuse. */
  acknowledge(alert: AlertView): Promise<void> {
    const path = `/alerts/${encodeURIComponent(alert.id)}/acknowledge`;
    return this.#run(alert.id, 'acknowledge', () => this.#api.post<AlertView>(path, { revision: alert.revision }));
  }

  undo(alert: AlertView): Promise<void> {
    const path = `/alerts/${encodeURIComponent(alert.id)}/acknowledge/undo`;
    return this.#run(alert.id, 'undo', () => this.#api.post<AlertView>(path));
  }

  async #run(id: string, action: 'acknowledge' | 'undo', send: () => Promise<AlertView>): Promise<void> {
    if (this.#progress.get(id)?.phase === 'sending') {
      return;
    }
    const mark = this.#store.mark;
    this.#set(id, { phase: 'sending' });
    try {
      this.#store.acceptReply(await send(), mark);
      this.#store.flush();
      this.#set(id, null);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      if (error.alert) {
        this.#store.acceptReply(error.alert, mark);
        this.#store.flush();
      }
      const failed = { phase: 'failed', why: reason(error, action), of: this.#version(id) } as const;
      this.#set(id, failed);
      setTimeout(() => this.#progress.get(id) === failed && this.#set(id, null), FAILURE_MS);
    }
  }

  #forgetOutdated(): void {
    for (const [id, progress] of this.#progress) {
      if (progress.phase === 'failed' && progress.of !== this.#version(id)) {
        this.#set(id, null);
      }
    }
  }

  #version(id: string): string {
    const alert = this.#store.alerts.get(id);
    return `${alert?.revision} ${alert?.acknowledged?.at}`;
  }

  #set(id: string, progress: AckProgress | null): void {
    const next = new Map(this.#progress);
    if (progress) {
      next.set(id, progress);
    } else {
      next.delete(id);
    }
    this.#progress = next;
    this.#listeners.forEach((listener) => listener());
  }
}

function reason(error: ApiError, action: 'acknowledge' | 'undo'): AckFailure {
  switch (error.code) {
    case 'alert_changed':
      return 'conflict';
    case 'already_acknowledged':
      return 'taken';
    case 'undo_too_late':
      return 'undoLate';
    case 'role':
      return 'forbidden';
    default:
  }
  switch (error.status) {
    case 0:
      return 'network';
    case 404:
      return 'gone';
    case 503:
      return action === 'undo' ? { other: error.text } : 'unavailable';
    default:
      return { other: error.text };
  }
}
