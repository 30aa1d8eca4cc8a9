/** What other alerts of the place, and the alert's own past, say of it, in words; nothing where nobody says anything. */
import { Link } from 'react-router';
import type { LiveAlert } from '../live/alert';
import { clockTime } from '../words/format';
import { useSpeech } from '../words/language';

export function CorrelationFacts({ alert }: { alert: LiveAlert }) {
  const { words, locale, local } = useSpeech();
  const { confirmed, spread, group, chatter } = alert.correlation ?? {};
  if (!confirmed && !spread && !group && !chatter) {
    return null;
  }
  const text = words.correlation;
  return (
    <section data-testid="correlation">
      <h3>{text.title}</h3>
      <ul className="correlation">
        {confirmed && (
          <li data-testid="confirmed">
            <strong>{local(confirmed.name)}</strong> · {text.confirmedBy(confirmed.by.length)}
            <ul>
              {confirmed.by.map((witness) => (
                <li key={witness.alert}>
                  <Link className="quiet" to={`/alerts/${encodeURIComponent(witness.alert)}`}>
                    {witness.device}
                  </Link>
                  {witness.place && ` · ${witness.place}`} · <span className="mono">{witness.rule}</span> ·{' '}
                  <span className="tabular">{clockTime(locale, witness.onset)}</span>
                </li>
              ))}
            </ul>
          </li>
        )}
        {spread && (
          <li data-testid="spread">
            <strong>{text.spread(spread.devices, spread.places)}</strong>
            {spread.place && ` · ${text.began(spread.place)}`}
          </li>
        )}
        {group && (
          <li data-testid="group">
            {group.origin === alert.id ? text.firstOf(group.count) : (
              <Link className="quiet" to={`/alerts/${encodeURIComponent(group.origin)}`}>{text.oneOf(group.count)}</Link>
            )}
          </li>
        )}
        {chatter && (
          <li data-testid="chatter">{text.chatter(chatter.raises, clockTime(locale, chatter.since))}</li>
        )}
      </ul>
    </section>
  );
}
