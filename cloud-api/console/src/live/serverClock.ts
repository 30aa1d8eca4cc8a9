/**
 * The server's clock, carried on by the browser's monotonic one: a wrong or stepping clock of the PC changes nothing.
 * Of the last beats the one that travelled least decides.
 */
const BEATS = 10;

export class ServerClock {
  readonly #monotonic: () => number;
  #offsets: number[] = [];
  #offset: number | null = null;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  beat(serverTime: string): void {
    const at = Date.parse(serverTime);
    if (Number.isNaN(at)) {
      return;
    }
    this.#offsets.push(at - this.#monotonic());
    if (this.#offsets.length > BEATS) {
      this.#offsets.shift();
    }
    this.#offset = Math.max(...this.#offsets);
  }

  get known(): boolean {
    return this.#offset !== null;
  }

  /** Milliseconds since 1970; the PC's own clock only until the server has spoken once. */
  now(): number {
    return this.#offset === null ? Date.now() : this.#monotonic() + this.#offset;
  }
}
