import type { AlertDetail } from '../api/types';
import type { LiveAlert } from '../live/alert';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import type { Words } from '../words/en';

interface Entry {
  readonly at: string;
  readonly text: string;
  readonly kind: 'machine' | 'human';
}

interface TimelineProps {
  readonly alert: LiveAlert;
  readonly history: AlertDetail['history'];
  readonly historyKnown: boolean;
}

/** What happened, oldest first: what the machine saw and what people did. */
export function Timeline({ alert, history, historyKnown }: TimelineProps) {
  const { words, locale } = useSpeech();
  return (
    <>
      <ol className="timeline" data-testid="timeline">
        {entries(alert, history, words).map((entry) => (
          <li key={entry.at + entry.text} className={`timeline__entry timeline__entry--${entry.kind}`}>
            <span className="muted tabular">{dateTime(locale, entry.at)}</span>
            <span>{entry.text}</span>
          </li>
        ))}
      </ol>
      {!historyKnown && <p className="muted">{words.detail.historyUnknown}</p>}
    </>
  );
}

function entries(alert: LiveAlert, history: AlertDetail['history'], words: Words): Entry[] {
  const text = words.detail;
  const all: Entry[] = [{ at: alert.onset, text: text.raised, kind: 'machine' }];
  if (alert.state === 'ACTIVE' && Date.parse(alert.updated) > alert.onsetMs) {
    all.push({ at: alert.updated, text: text.updatedEvent, kind: 'machine' });
  }
  if (alert.cleared) {
    all.push({ at: alert.cleared, text: text.clearedEvent, kind: 'machine' });
  }
  const said = history.map(({ action, at, displayName }): Entry => ({
    at, kind: 'human', text: action === 'acknowledge' ? text.acknowledgedEvent(displayName) : text.undoneEvent(displayName),
  }));
  const { acknowledged } = alert;
  if (acknowledged && !history.some(({ action, at }) => action === 'acknowledge' && at === acknowledged.at)) {
    said.push({ at: acknowledged.at, kind: 'human', text: text.acknowledgedEvent(acknowledged.displayName) });
  }
  return [...all, ...said].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
