import type { RiverPart } from '../api/types';

/** The state of a part as a shape: a ring is unknown, a dot well, a bar late, a cross dead. */
export function PartMark({ state }: { state: RiverPart['state'] }) {
  return (
    <svg width="11" height="11" viewBox="0 0 12 12" aria-hidden="true">
      {state === 'ok' && <circle cx="6" cy="6" r="4" fill="var(--ok)" />}
      {state === 'late' && <path d="M6 1 11 11H1z" fill="var(--sev-minor)" />}
      {state === 'dead' && <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="2.6" />}
      {state === 'unknown' && <circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />}
    </svg>
  );
}
