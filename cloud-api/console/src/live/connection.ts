/**
 * Keeps one live WebSocket open. A half-open connection raises no error, so a watchdog counts the server's beats; after
 * a loss it comes back by itself and asks for what it missed. Driven by {@link LiveConnection.tick}, which a worker
 * calls, because the timers of a hidden tab slow down to one a minute.
 */
import { parseFrame } from './frames';
import type { LiveStore } from './store';

/** The server beats every 2 s; loss is said within 5 s. */
export const STALE_MS = 4_500;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
const NORMAL_CLOSURE = 1000;
/** The server's own close code. */
const SESSION_ENDED = 4401;

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close(code?: number): void;
}

export interface LiveConnectionOptions {
  readonly store: LiveStore;
  /** @param seq the last sequence number seen, null for a first connection */
  readonly open: (seq: number | null) => Socket;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The server took no connection; perhaps the session is over. */
  readonly onRefused: () => void;
}

export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  #socket: Socket | null = null;
  #opened = false;
  #heardAt = 0;
  #retryAt: number | null = null;
  #attempt = 0;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#retryAt = null;
    this.#drop();
  }

  /** Judges the watchdog and a due reconnect; to be called a few times a second. */
  tick(): void {
    const now = this.#options.now();
    if (this.#socket && now - this.#heardAt > STALE_MS) {
      this.#lost();
    } else if (!this.#socket && this.#retryAt !== null && now >= this.#retryAt) {
      this.#connect();
    }
  }

  #connect(): void {
    this.#retryAt = null;
    this.#opened = false;
    this.#heardAt = this.#options.now();
    const socket = this.#options.open(this.#options.store.seq);
    this.#socket = socket;
    socket.onopen = () => {
      this.#opened = true;
    };
    socket.onmessage = (event) => {
      this.#heardAt = this.#options.now();
      const frame = parseFrame(String(event.data));
      if (frame) {
        this.#attempt = 0;
        this.#options.store.receive(frame);
        this.#options.store.setLink('live');
      }
    };
    socket.onclose = (event) => {
      const refused = !this.#opened || event.code === SESSION_ENDED;
      this.#lost();
      if (refused) {
        this.#options.onRefused();
      }
    };
  }

  #lost(): void {
    this.#drop();
    this.#retryAt = this.#options.now() + Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempt);
    this.#attempt++;
    this.#options.store.setLink('lost');
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(NORMAL_CLOSURE);
    }
  }
}
