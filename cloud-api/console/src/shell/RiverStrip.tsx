/** Whether what the screen shows is true: the connection, and each part between the sensor and this page. */
import type { River, RiverPart } from '../api/types';
import type { Link } from '../live/store';
import { clockTime } from '../words/format';
import { useSpeech } from '../words/language';
import type { Words } from '../words/en';
import { useLive, useServerNow } from './desk';
import { PartMark } from './PartMark';

export function RiverStrip() {
  const { words, locale, local } = useSpeech();
  const { link, river, updatedAtMs } = useLive();
  const now = useServerNow();
  const message = stripMessage(link, river, words);
  const parts = (river?.parts ?? []).map((part) => (link === 'live' ? part : { ...part, state: 'unknown' as const }));
  const updated = updatedAtMs === null ? words.strip.never : words.strip.updated(clockTime(locale, updatedAtMs));
  return (
    <section
      className={`strip ${message.bad ? 'strip--bad' : ''}`} aria-label={words.strip.label}
      data-testid="strip" data-link={link} data-river={river?.state ?? 'unknown'}
    >
      <span className="strip__link">
        <span className={`strip__dot strip__dot--${link}`} aria-hidden="true" />
        {link === 'live' && <strong>{words.strip.live}</strong>}
        <span className="muted tabular" data-testid="strip-updated">{updated}</span>
      </span>
      {link === 'live' && (
        <span className="strip__pulse muted tabular" data-testid="strip-pulse">
          {river?.lastPulseAt
            ? words.strip.pulse(Math.max(0, Math.round((now - Date.parse(river.lastPulseAt)) / 1000)))
            : words.strip.noPulse}
        </span>
      )}
      <span className="strip__message" role={message.bad ? 'alert' : 'status'} data-testid="strip-message">
        {message.text}
      </span>
      <ul className="strip__parts">
        {parts.map((part) => (
          <li
            key={part.part} className={`strip__part strip__part--${part.state}`}
            title={partTitle(part, words, locale, local(part.detail))}
            data-testid={`part-${part.part}`} data-state={part.state}
          >
            <PartMark state={part.state} />
            <span className="strip__part-name">{partName(part, words)}</span>
            <span className="strip__part-state">{words.strip.state[part.state]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function partName(part: RiverPart, words: Words): string {
  return words.strip.part[part.part as keyof Words['strip']['part']] ?? part.part;
}

function partTitle(part: RiverPart, words: Words, locale: string, detail: string): string {
  const seen = part.lastSeenAt ? words.strip.seen(clockTime(locale, part.lastSeenAt)) : '';
  return [`${partName(part, words)}: ${words.strip.state[part.state]}`, seen, detail].filter(Boolean).join('\n');
}

function stripMessage(link: Link, river: River | null, words: Words): { bad: boolean; text: string } {
  if (link === 'lost') {
    return { bad: true, text: words.strip.lost };
  }
  if (link === 'connecting' || !river) {
    return { bad: false, text: words.strip.connecting };
  }
  const named = (state: RiverPart['state']) =>
    river.parts.filter((part) => part.state === state).map((part) => partName(part, words)).join(', ');
  const dead = named('dead');
  if (dead) {
    return { bad: true, text: words.strip.dead(dead) };
  }
  if (river.state === 'dead') {
    return { bad: true, text: words.strip.riverDead };
  }
  const late = named('late');
  return { bad: false, text: late ? words.strip.late(late) : '' };
}
