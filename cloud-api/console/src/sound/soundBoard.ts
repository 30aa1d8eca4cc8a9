/**
 * Decides what sounds: the worst class that has an alarm nobody acknowledged, else trouble of the platform itself.
 * Silence is one officer's, ends by itself, and acknowledges nothing; an alarm worse than what was silenced breaks it.
 */
import { isAudible, severityRank, worst } from '../live/alert';
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
  readonly rank: number;
}

const QUIET = Number.MAX_SAFE_INTEGER;
const RANKS: Record<Sounding, number> = {
  CRITICAL: 0, MAJOR: 1, PLATFORM: 1.5, MINOR: 2, WARNING: 3, INFO: 4,
};

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
    this.#setSilence({ until: this.#store.clock.now() + SILENCE_MS, rank: rank(due(this.#store)) });
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
    if (this.#silence && (this.#store.clock.now() >= this.#silence.until || rank(tone) < this.#silence.rank)) {
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
  const severity = worst([...store.alerts.values()].filter(isAudible));
  const trouble = store.link === 'lost' || store.river?.state === 'dead'
    || (store.river?.parts.some((part) => part.state === 'dead') ?? false);
  if (trouble && (severity === null || severityRank(severity) > severityRank('MAJOR'))) {
    return 'PLATFORM';
  }
  return severity;
}

function rank(tone: Sounding | null): number {
  return tone === null ? QUIET : RANKS[tone];
}

/** Of one officer in one browser. */
export function silenceOf(user: string, storage: Storage): SilenceKeeper {
  const key = `tocsin.silence.${user}`;
  return {
    read: () => JSON.parse(storage.getItem(key) ?? 'null') as Silence | null,
    write: (silence) => (silence ? storage.setItem(key, JSON.stringify(silence)) : storage.removeItem(key)),
  };
}
