/** Whether what the screen shows is true: the connection, and each part between the sensor and this page. */
import type { RiverPart } from '../api/types';
import { clockTime } from '../words/format';
import { useSpeech } from '../words/language';
import type { Words } from '../words/en';
import { useDesk, useLive, useServerNow } from './desk';
import { PartMark } from './PartMark';
import { endsSoon, partName, stripMessage } from './stripMessage';

export function RiverStrip() {
  const { words, locale, local } = useSpeech();
  const { link, river, updatedAtMs } = useLive();
  const now = useServerNow();
  const { endsAtMs } = useDesk();
  const message = stripMessage(link, river, endsSoon(endsAtMs, now, (at) => clockTime(locale, at), words), words);
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

function partTitle(part: RiverPart, words: Words, locale: string, detail: string): string {
  const seen = part.lastSeenAt ? words.strip.seen(clockTime(locale, part.lastSeenAt)) : '';
  return [`${partName(part, words)}: ${words.strip.state[part.state]}`, seen, detail].filter(Boolean).join('\n');
}
