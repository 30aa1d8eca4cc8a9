/** The one sentence of the strip: the worst of what keeps the screen from being true, and what that means. */
import type { River, RiverPart } from '../api/types';
import type { Link } from '../live/store';
import type { Words } from '../words/en';

/** How long before its end a session's end is said. */
export const WARN_MS = 30 * 60_000;
/** Alarms reach the screen without them. */
const STORE: readonly string[] = ['database', 'archiveJob'];

export interface StripMessage {
  readonly bad: boolean;
  readonly text: string;
}

export function partName(part: RiverPart, words: Words): string {
  return words.strip.part[part.part as keyof Words['strip']['part']] ?? part.part;
}

/** Empty while there is time. */
export function endsSoon(endsAtMs: number, nowMs: number, clock: (at: number) => string, words: Words): string {
  return nowMs > endsAtMs - WARN_MS ? words.strip.sessionEnds(clock(endsAtMs)) : '';
}

/** @param notice said where nothing is wrong that is worse */
export function stripMessage(link: Link, river: River | null, notice: string, words: Words): StripMessage {
  if (link === 'lost') {
    return { bad: true, text: words.strip.lost };
  }
  if (link === 'connecting' || !river) {
    return { bad: false, text: words.strip.connecting };
  }
  const of = (state: RiverPart['state']) => river.parts.filter((part) => part.state === state);
  const names = (parts: readonly RiverPart[]) => parts.map((part) => partName(part, words)).join(', ');
  const dead = of('dead');
  if (dead.some(({ part }) => !STORE.includes(part))) {
    return { bad: true, text: words.strip.dead(names(dead)) };
  }
  if (river.state === 'dead') {
    return { bad: true, text: words.strip.riverDead };
  }
  if (dead.length > 0) {
    const text = dead.some(({ part }) => part === 'database') ? words.strip.databaseDead : words.strip.archiveDead;
    return { bad: true, text: text(names(dead)) };
  }
  if (notice) {
    return { bad: true, text: notice };
  }
  const late = names(of('late'));
  return { bad: false, text: late ? words.strip.late(late) : '' };
}
