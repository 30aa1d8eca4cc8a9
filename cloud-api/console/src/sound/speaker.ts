/** WebAudio behind two verbs. A browser lets a page sound only after the user touched it; until then it is blocked. */
import { PATTERNS, samples, type Sounding } from './tones';

export interface Speaker {
  /** Whether the browser keeps the page from sounding until it is touched. */
  readonly blocked: boolean;
  readonly supported: boolean;
  /** Loops the tone; null is quiet. */
  play(tone: Sounding | null): void;
  /** To be called from a click or a key. */
  unblock(): void;
  onChange: () => void;
}

export class WebAudioSpeaker implements Speaker {
  onChange: () => void = () => {};
  readonly #context: AudioContext | null;
  #source: AudioBufferSourceNode | null = null;
  #tone: Sounding | null = null;

  constructor() {
    this.#context = 'AudioContext' in window ? new AudioContext() : null;
    this.#context?.addEventListener('statechange', () => this.onChange());
  }

  get supported(): boolean {
    return this.#context !== null;
  }

  get blocked(): boolean {
    return this.#context !== null && this.#context.state !== 'running';
  }

  play(tone: Sounding | null): void {
    if (tone === this.#tone || !this.#context) {
      return;
    }
    this.#source?.stop();
    this.#source = null;
    this.#tone = tone;
    if (tone) {
      const wave = samples(PATTERNS[tone], this.#context.sampleRate);
      const buffer = this.#context.createBuffer(1, wave.length, this.#context.sampleRate);
      buffer.copyToChannel(wave, 0);
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.loop = true;
      source.connect(this.#context.destination);
      source.start();
      this.#source = source;
    }
  }

  /** Browsers allow a page few of these at once. */
  close(): void {
    this.play(null);
    void this.#context?.close();
  }

  unblock(): void {
    if (this.#context?.state !== 'running') {
      void this.#context?.resume();
    }
  }
}
