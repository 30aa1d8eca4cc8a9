/** The frames of the live WebSocket. */
import type { LiveFrame } from '../api/types';

const TYPES = new Set(['snapshot', 'changes', 'devices', 'beat']);

/** Null for a frame of a newer server that this console does not know. */
export function parseFrame(text: string): LiveFrame | null {
  const frame = JSON.parse(text) as LiveFrame;
  return TYPES.has(frame.type) ? frame : null;
}
