/**
 * Decides what sounds: the worst class that has an alarm nobody acknowledged, else trouble of the platform itself.
 * Silence is one officer's, ends by itself, and acknowledges nothing; it covers the alarms there were, each as bad as it
 * was: any other one sounds again, as a panel's does (EN 54-2).
 */
import { isAudible, severityRank, worst, type LiveAlert } from '../live/alert';
import type { LiveStore } from '../live/store';
import type { Speaker } from './speaker';
import type { Sounding } from './tones';

export const SILENCE_MS = 120_000;

export interface SoundState {
  readonly supported: boolean;
  readonly blocked: boolean;
  /** What would sound or does. */
  readonly due: Sounding | null;
  /** Server's time, ms; null when not silenced. */
  readonly silentUntil: number | null;
}

/** Where an officer's silence is kept, so that a reload does not end it. */
export interface SilenceKeeper {
  read(): Silence | null;
  write(silence: Silence | null): void;
}

export interface Silence {
  /** Server's time, ms. */
  readonly until: number;
  /** The alarms that were silenced, by id, with the rank of their severity then. */
  readonly alerts: Readonly<Record<string, number>>;
  /** Whether trouble of the platform was silenced. */
  readonly platform: boolean;
}

export class SoundBoard {
  readonly #speaker: Speaker;
  readonly #store: LiveStore;
  readonly #keeper: SilenceKeeper;
  #silence: Silence | null;
  #state: SoundState;
  #listeners = new Set<() => void>();

  constructor(store: LiveStore, speaker: Speaker, keeper: SilenceKeeper) {
    this.#store = store;
    this.#speaker = speaker;
    this.#keeper = keeper;
    this.#silence = keeper.read();
    this.#state = { supported: speaker.supported, blocked: speaker.blocked, due: null, silentUntil: null };
    speaker.onChange = () => this.judge();
    store.witness(() => this.judge());
  }

  readonly state = (): SoundState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  silence(): void {
    this.#setSilence({
      until: this.#store.clock.now() + SILENCE_MS,
      alerts: Object.fromEntries(audible(this.#store).map(({ id, severity }) => [id, severityRank(severity)])),
      platform: isTroubled(this.#store),
    });
    this.judge();
  }

  resume(): void {
    this.#setSilence(null);
    this.#speaker.unblock();
    this.judge();
  }

  unblock(): void {
    this.#speaker.unblock();
  }

  /** Within the message handler and a few times a second, so that a silence ends on time. */
  judge(): void {
    const tone = due(this.#store);
    if (this.#silence && (this.#store.clock.now() >= this.#silence.until || this.#isNews(this.#silence, tone))) {
      this.#setSilence(null);
    }
    this.#speaker.play(this.#silence ? null : tone);
    this.#publish({
      supported: this.#speaker.supported,
      blocked: this.#speaker.blocked,
      due: tone,
      silentUntil: this.#silence?.until ?? null,
    });
  }

  stop(): void {
    this.#speaker.play(null);
  }

  #isNews(silence: Silence, tone: Sounding | null): boolean {
    return (tone === 'PLATFORM' && !silence.platform)
      || audible(this.#store).some(({ id, severity }) => severityRank(severity) < (silence.alerts[id] ?? Infinity));
  }

  #setSilence(silence: Silence | null): void {
    this.#silence = silence;
    this.#keeper.write(silence);
  }

  #publish(next: SoundState): void {
    const same = (Object.keys(next) as (keyof SoundState)[]).every((key) => next[key] === this.#state[key]);
    if (!same) {
      this.#state = next;
      this.#listeners.forEach((listener) => listener());
    }
  }
}

/** What is worst of what has not been acknowledged, the platform's own trouble after major alarms. */
export function due(store: LiveStore): Sounding | null {
  const severity = worst(audible(store));
  if (isTroubled(store) && (severity === null || severityRank(severity) > severityRank('MAJOR'))) {
    return 'PLATFORM';
  }
  return severity;
}

function audible(store: LiveStore): LiveAlert[] {
  return [...store.alerts.values()].filter(isAudible);
}

function isTroubled(store: LiveStore): boolean {
  return store.link === 'lost' || store.river?.state === 'dead'
    || (store.river?.parts.some((part) => part.state === 'dead') ?? false);
}

/** Of one officer in one browser. */
export function silenceOf(user: string, storage: Storage): SilenceKeeper {
  const key = `tocsin.silence.${user}`;
  return {
    read: () => {
      const kept = JSON.parse(storage.getItem(key) ?? 'null') as Silence | null;
      // One of an older console does not say what it covers.
      return kept?.alerts ? kept : null;
    },
    write: (silence) => (silence ? storage.setItem(key, JSON.stringify(silence)) : storage.removeItem(key)),
  };
}
