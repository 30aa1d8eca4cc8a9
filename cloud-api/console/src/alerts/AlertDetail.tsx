/** One alert in full; a part of the page and never over it. Works from its address alone, also long after it is over. */
import { Button, CloseButton } from '@mantine/core';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useResource } from '../api/useResource';
import type { AlertDetail as Detail } from '../api/types';
import { toLive, type LiveAlert } from '../live/alert';
import { CopyAction } from '../shell/CopyAction';
import { useAcknowledgements, useLive, useServerNow } from '../shell/desk';
import { dateTime, quantity, span } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { AckAction } from './AckAction';
import { failureText } from './ackState';
import { AlertCurve } from './AlertCurve';
import { CorrelationFacts } from './CorrelationFacts';
import { EvidenceTable } from './EvidenceTable';
import { Notice } from './EmptyList';
import { Marks } from './Marks';
import { placeText } from './placeText';
import { SeverityMark, severityColor } from './SeverityMark';
import { Timeline } from './Timeline';
import './detail.css';

interface AlertDetailProps {
  readonly id: string;
  readonly onClose: () => void;
  /** Tells the page what was found, also of an alert that is no longer live. */
  readonly onFound: (alert: LiveAlert) => void;
}

export function AlertDetail({ id, onClose, onFound }: AlertDetailProps) {
  const { words, local } = useSpeech();
  const live = useLive().alerts.get(id);
  const { value, error, reload } = useResource<Detail>(`/alerts/${encodeURIComponent(id)}`);
  const alert = live ?? (value ? toLive(value.alert) : undefined);

  // Who did what is in the history; it is asked for again when the live alert says that something was done.
  const doneAt = live?.acknowledged?.at;
  const state = live?.state;
  useEffect(() => reload(), [doneAt, state, reload]);
  const found = value?.alert;
  useEffect(() => {
    if (found) {
      onFound(toLive(found));
    }
  }, [found]); // eslint-disable-line

  if (!alert) {
    return (
      <section className="detail" aria-label={words.detail.label} data-testid="detail">
        <CloseButton className="detail__close" onClick={onClose} aria-label={words.common.close} />
        {error?.status === 404 ? (
          <Notice title={words.detail.notFound} why={words.detail.notFoundWhy} />
        ) : error ? (
          <Notice title={words.detail.failed} why={problemText(error, words, local)}>
            <Button size="xs" onClick={reload}>{words.common.retry}</Button>
          </Notice>
        ) : (
          <Notice title={words.common.loading} why="" />
        )}
      </section>
    );
  }
  return (
    <section className="detail" aria-label={words.detail.label} data-testid="detail" data-alert={id}>
      <Head alert={alert} onClose={onClose} />
      <div className="detail__body" tabIndex={0} role="group" aria-label={words.detail.label}>
        <Facts alert={alert} />
        <CorrelationFacts alert={alert} />
        <h3>{words.detail.chart}</h3>
        <AlertCurve alert={alert} />
        <div className="detail__columns">
          <div>
            <h3>{words.detail.timeline}</h3>
            <Timeline alert={alert} history={value?.history ?? []} historyKnown={value?.historyKnown ?? true} />
          </div>
          <div>
            <h3>{words.detail.evidence}</h3>
            <EvidenceTable alert={alert} />
          </div>
        </div>
      </div>
    </section>
  );
}

function Head({ alert, onClose }: { alert: LiveAlert; onClose: () => void }) {
  const { words, local } = useSpeech();
  const nowMs = useServerNow();
  const progress = useAcknowledgements().get(alert.id);
  return (
    <header className="detail__head" style={{ borderTopColor: severityColor(alert.severity) }}>
      <SeverityMark severity={alert.severity} hollow={Boolean(alert.acknowledged)} size={22} />
      <div className="detail__title">
        <h2>{local(alert.name)}</h2>
        <div className="detail__sub">
          <span>{words.severity[alert.severity]} · {words.kind[alert.kind]}</span>
          <Marks alert={alert} />
        </div>
      </div>
      <AckAction alert={alert} progress={progress} nowMs={nowMs} />
      <CloseButton onClick={onClose} aria-label={words.common.close} data-testid="detail-close" />
      {progress?.phase === 'failed' && (
        <p className="detail__failure">{failureText(progress.why, words, local)}</p>
      )}
    </header>
  );
}

function Facts({ alert }: { alert: LiveAlert }) {
  const { words, locale, local } = useSpeech();
  const nowMs = useServerNow();
  const endMs = alert.cleared ? Date.parse(alert.cleared) : nowMs;
  const text = words.detail;
  const limit = alert.evidence.limit;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [text.place, placeText(alert, local) || text.noPlace],
    [text.device, alert.device === alert.gateway ? alert.deviceName : (
      <Link key="device" className="quiet" to={`/devices/${encodeURIComponent(alert.device)}`}>{alert.deviceName}</Link>
    )],
    [text.value, alert.metric ? (
      <>
        <strong>{quantity(alert.value, alert.unit)}</strong>
        {limit !== undefined && <span className="muted"> · {text.limit} {quantity(limit, '')}</span>}
      </>
    ) : words.common.none],
    [alert.cleared ? text.lasted : text.elapsed, <strong key="e" className="tabular">{span(endMs - alert.onsetMs, words.time.day)}</strong>],
    [text.onset, dateTime(locale, alert.onset)],
    [text.rule, <><span className="mono">{alert.rule}</span> · {text.version(alert.ruleVersion)}</>],
    [text.gateway, <span key="g" className="mono">{alert.gateway}</span>],
    [text.id, (
      <span key="id" className="detail__id">
        <span className="mono" title={alert.id}>{alert.id.slice(0, 8)}</span>
        <CopyAction text={`${location.origin}/alerts/${alert.id}`} label={text.copy} size="compact-xs" variant="subtle" />
      </span>
    )],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="facts__fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
