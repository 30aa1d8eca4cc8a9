/**
 * A tone for each severity, made of samples once and looped by the audio hardware: no timer keeps it going, so that a
 * hidden tab sounds on. The patterns are told apart by rhythm as well as by pitch (after IEC 60601-1-8's bursts).
 */
import type { Severity } from '../api/types';

export type Sounding = Severity | 'PLATFORM';

interface Note {
  readonly hz: number;
  readonly atMs: number;
  readonly lastsMs: number;
}

interface Pattern {
  readonly notes: readonly Note[];
  /** Length of one repetition, with its pause. */
  readonly everyMs: number;
  /** 0 to 1. */
  readonly level: number;
}

function burst(pitches: readonly number[], spacingMs: number, lastsMs: number): Note[] {
  return pitches.map((hz, i) => ({ hz, atMs: i * spacingMs, lastsMs }));
}

export const PATTERNS: Record<Sounding, Pattern> = {
  CRITICAL: { notes: burst([880, 660, 880, 660, 880, 660], 180, 160), everyMs: 1_500, level: 0.5 },
  MAJOR: { notes: burst([740, 740, 740], 240, 190), everyMs: 3_000, level: 0.42 },
  MINOR: { notes: burst([587, 494], 300, 240), everyMs: 8_000, level: 0.36 },
  WARNING: { notes: burst([523], 0, 260), everyMs: 20_000, level: 0.3 },
  INFO: { notes: burst([440], 0, 160), everyMs: 60_000, level: 0.22 },
  PLATFORM: { notes: burst([392, 311, 247], 320, 300), everyMs: 10_000, level: 0.42 },
};

const EDGE_MS = 12;

/** One repetition as samples in -1 to 1. */
export function samples(pattern: Pattern, rate: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(Math.round((pattern.everyMs / 1000) * rate));
  for (const note of pattern.notes) {
    const start = Math.round((note.atMs / 1000) * rate);
    const count = Math.round((note.lastsMs / 1000) * rate);
    for (let i = 0; i < count && start + i < out.length; i++) {
      const t = i / rate;
      const edge = Math.min(1, (i / rate) * (1000 / EDGE_MS), ((count - i) / rate) * (1000 / EDGE_MS));
      const wave = Math.sin(2 * Math.PI * note.hz * t) + 0.35 * Math.sin(4 * Math.PI * note.hz * t)
        + 0.15 * Math.sin(6 * Math.PI * note.hz * t);
      out[start + i] = (wave / 1.5) * edge * pattern.level;
    }
  }
  return out;
}
