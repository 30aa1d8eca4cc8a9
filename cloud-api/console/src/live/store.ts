/**
 * Everything live, outside React: frames enter, one immutable state leaves. Listeners of the state are told of the first
 * change at once and of further ones at most every 100 ms, because 500 updates a second must not become 500 renderings;
 * listeners of the frames (the sound) hear each at once.
 *
 * Of one alert a higher revision replaces a lower one and anything lower is ignored. The acknowledgement is a human
 * fact beside the revision: there the order of the frames decides.
 */
import type { AlertView, DeviceState, LiveFrame, River } from '../api/types';
import { isOpen, toLive, type LiveAlert } from './alert';
import { ServerClock } from './serverClock';

export type Link = 'connecting' | 'live' | 'lost';

export interface LiveState {
  readonly alerts: ReadonlyMap<string, LiveAlert>;
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly river: River | null;
  readonly link: Link;
  /** The server's time of the last frame, in ms. */
  readonly updatedAtMs: number | null;
  /** Whether a snapshot has come, so that an empty list means that there is nothing. */
  readonly loaded: boolean;
  /** Whether the snapshot lacks something: alerts from before the server's start, or beyond its bound. */
  readonly gap: Gap | null;
}

export interface Gap {
  readonly older: boolean;
  readonly omitted: number;
}

const BATCH_MS = 100;
/** Alerts that are over and acknowledged stay for the undo and for rows on the screen, up to this many. */
const MAX_SETTLED = 500;

export class LiveStore {
  readonly clock: ServerClock;
  #state: LiveState = {
    alerts: new Map(), devices: new Map(), river: null, link: 'connecting', updatedAtMs: null, loaded: false,
    gap: null,
  };
  #alerts = new Map<string, LiveAlert>();
  #devices = new Map<string, DeviceState>();
  #river: River | null = null;
  #link: Link = 'connecting';
  #updatedAtMs: number | null = null;
  #loaded = false;
  #gap: Gap | null = null;
  #alertsChanged = false;
  #devicesChanged = false;
  #seq: number | null = null;
  #frames = 0;
  #touched = new Map<string, number>();
  #listeners = new Set<() => void>();
  #witnesses = new Set<(store: LiveStore) => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #waiting = false;

  constructor(clock: ServerClock = new ServerClock()) {
    this.clock = clock;
  }

  /** The last sequence number seen, to resume from. */
  get seq(): number | null {
    return this.#seq;
  }

  /** The newest alerts, ahead of the batched state. */
  get alerts(): ReadonlyMap<string, LiveAlert> {
    return this.#alerts;
  }

  get river(): River | null {
    return this.#river;
  }

  get link(): Link {
    return this.#link;
  }

  /** Counts what was received; kept by a request to know later whether a frame overtook its answer. */
  get mark(): number {
    return this.#frames;
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Called synchronously, within the message handler. */
  witness(witness: (store: LiveStore) => void): () => void {
    this.#witnesses.add(witness);
    return () => this.#witnesses.delete(witness);
  }

  receive(frame: LiveFrame): void {
    this.#frames++;
    this.clock.beat(frame.serverTime);
    this.#updatedAtMs = Date.parse(frame.serverTime);
    switch (frame.type) {
      case 'snapshot':
        this.#restart(frame.alerts);
        this.#devices.clear();
        this.#devicesChanged = true;
        this.#gap = !frame.complete || frame.omitted > 0 ? { older: !frame.complete, omitted: frame.omitted } : null;
        this.#river = frame.river;
        this.#seq = frame.seq;
        this.#loaded = true;
        break;
      case 'changes':
        frame.alerts.forEach((alert) => this.#accept(alert, true));
        this.#forgetSettled();
        this.#seq = Math.max(this.#seq ?? 0, frame.seq);
        break;
      case 'devices':
        frame.states.forEach((state) => this.#devices.set(state.device, state));
        this.#devicesChanged = true;
        break;
      case 'beat':
        this.#river = frame.river;
        break;
    }
    this.#changed();
  }

  /** The answer to a request of this console; its human part counts unless a frame about the alert overtook it. */
  acceptReply(alert: AlertView, mark: number): void {
    this.#accept(alert, (this.#touched.get(alert.id) ?? 0) <= mark);
    this.#changed();
  }

  setLink(link: Link): void {
    if (link !== this.#link) {
      this.#link = link;
      this.#changed();
      this.flush();
    }
  }

  /** Renders now what waits for the end of the batch. */
  flush(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    this.#waiting = false;
    this.#timer = setTimeout(() => this.#batchEnded(), BATCH_MS);
    this.#state = {
      alerts: this.#alertsChanged ? new Map(this.#alerts) : this.#state.alerts,
      devices: this.#devicesChanged ? new Map(this.#devices) : this.#state.devices,
      river: this.#river,
      link: this.#link,
      updatedAtMs: this.#updatedAtMs,
      loaded: this.#loaded,
      gap: this.#gap,
    };
    this.#alertsChanged = false;
    this.#devicesChanged = false;
    this.#listeners.forEach((listener) => listener());
  }

  #accept(view: AlertView, humanCounts: boolean): void {
    this.#alertsChanged = true;
    const known = this.#alerts.get(view.id);
    if (!known) {
      this.#alerts.set(view.id, toLive(view));
    } else {
      const machine = view.revision > known.revision ? view : known;
      const human = humanCounts ? view : known;
      this.#alerts.set(view.id, toLive({ ...machine, acknowledged: human.acknowledged }));
    }
    if (humanCounts) {
      this.#touched.set(view.id, this.#frames);
    }
  }

  #restart(alerts: AlertView[]): void {
    this.#alertsChanged = true;
    const before = this.#alerts;
    this.#alerts = new Map();
    this.#touched.clear();
    for (const alert of alerts) {
      const known = before.get(alert.id);
      if (known && known.revision > alert.revision) {
        this.#alerts.set(alert.id, known);
      }
      this.#accept(alert, true);
    }
  }

  #forgetSettled(): void {
    const settled = [...this.#alerts.values()].filter((alert) => !isOpen(alert));
    for (const alert of settled.slice(0, Math.max(0, settled.length - MAX_SETTLED))) {
      this.#alerts.delete(alert.id);
      this.#touched.delete(alert.id);
    }
  }

  #changed(): void {
    this.#witnesses.forEach((witness) => witness(this));
    if (this.#timer === null) {
      this.flush();
    } else {
      this.#waiting = true;
    }
  }

  #batchEnded(): void {
    this.#timer = null;
    if (this.#waiting) {
      this.flush();
    }
  }
}
