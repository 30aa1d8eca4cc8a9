import { memo, type CSSProperties } from 'react';
import { useSpeech } from '../words/language';
import { clockTime, quantity, span } from '../words/format';
import type { LiveAlert } from '../live/alert';
import type { AckProgress } from './acknowledging';
import { AckAction } from './AckAction';
import { failureText } from './ackState';
import { Marks } from './Marks';
import { SeverityMark } from './SeverityMark';
import { placeText } from './placeText';

interface AlertRowProps {
  readonly alert: LiveAlert;
  readonly id: string;
  readonly index: number;
  readonly chosen: boolean;
  readonly progress: AckProgress | undefined;
  readonly nowMs: number;
  readonly style: CSSProperties;
  readonly onChoose: (id: string) => void;
}

export const AlertRow = memo(function AlertRow(props: AlertRowProps) {
  const { alert, id, index, chosen, progress, nowMs, style, onChoose } = props;
  const { words, locale, local } = useSpeech();
  const acknowledged = Boolean(alert.acknowledged);
  const endMs = alert.cleared ? Date.parse(alert.cleared) : nowMs;
  return (
    <div
      role="row" id={id} aria-rowindex={index + 2} aria-selected={chosen} style={style}
      className={`row row--${alert.severity.toLowerCase()} ${acknowledged ? 'row--acknowledged' : ''} ${
        chosen ? 'row--chosen' : ''}`}
      onClick={() => onChoose(alert.id)}
      data-testid="alert-row" data-alert={alert.id} data-severity={alert.severity} data-state={alert.state}
      data-acknowledged={acknowledged}
    >
      <div role="gridcell" className="row__severity">
        <SeverityMark severity={alert.severity} hollow={acknowledged} />
        <span>{words.severity[alert.severity]}</span>
      </div>
      <div role="gridcell" className="row__what">
        <div className="row__title">
          <span className="row__name">{local(alert.name)}</span>
          <Marks alert={alert} />
        </div>
        <div className="row__place muted" data-testid="place">
          {alert.deviceName ?? alert.device} · {placeText(alert, local)}
        </div>
        {progress?.phase === 'failed' && (
          <div className="row__failure" role="alert" data-testid="ack-failure" title={failureText(progress.why, words, local)}>
            {failureText(progress.why, words, local)}
          </div>
        )}
      </div>
      <div role="gridcell" className="row__value tabular">
        <div>{alert.metric ? quantity(alert.value, alert.unit) : '–'}</div>
        <div className="muted">{words.kind[alert.kind]}</div>
      </div>
      <div role="gridcell" className="row__time tabular">
        <div data-testid="elapsed">{span(endMs - alert.onsetMs, words.time.day)}</div>
        <div className="muted">{clockTime(locale, alert.onset)}</div>
      </div>
      <div role="gridcell" className="row__action">
        <AckAction alert={alert} progress={progress} nowMs={nowMs} />
      </div>
    </div>
  );
});
