/** The readings around an alert, renewed while it lasts. */
import { Button } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import type { Readings } from '../api/types';
import { useResource } from '../api/useResource';
import { around } from '../chart/frame';
import { ReadingsChart } from '../chart/ReadingsChart';
import type { LiveAlert } from '../live/alert';
import { useDesk } from '../shell/desk';
import { quantity } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';

const POINTS = 600;
const RENEW_MS = 5_000;

export function AlertCurve({ alert }: { alert: LiveAlert }) {
  const { words, local } = useSpeech();
  const { store } = useDesk();
  const endMs = alert.cleared ? Date.parse(alert.cleared) : null;
  // While it lasts the axis grows by the minute, so that the curve does not creep.
  const until = endMs ?? Math.ceil(store.clock.now() / 60_000) * 60_000;
  const range = useMemo(() => around(alert.onsetMs, until), [alert.onsetMs, until]);
  // What a gateway tells of itself stands in no readings.
  const charted = alert.metric !== '' && !alert.rule.startsWith('gateway/');
  const path = charted
    ? `/devices/${encodeURIComponent(alert.device)}/readings?${new URLSearchParams({
      metric: alert.metric, points: String(POINTS),
      from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString(),
    })}`
    : null;
  const { value, error, reload } = useResource<Readings>(path, true);

  const lasting = alert.state === 'ACTIVE' && path !== null;
  useEffect(() => {
    if (!lasting) {
      return undefined;
    }
    const timer = setInterval(reload, RENEW_MS);
    return () => clearInterval(timer);
  }, [lasting, reload]);

  const limits = useMemo(
    () => (value?.limits ?? []).filter((limit) => limit.rule === alert.rule).map((limit) => ({
      value: limit.limit, severity: limit.severity,
      label: `${words.detail.limitMark} ${quantity(limit.limit, value!.unit)}`,
    })),
    [value, alert.rule, words],
  );
  const instants = useMemo(
    () => [{ atMs: alert.onsetMs, label: words.detail.onsetMark },
      ...(endMs === null ? [] : [{ atMs: endMs, label: words.detail.endMark }])],
    [alert.onsetMs, endMs, words],
  );

  if (!charted) {
    return <p className="muted">{words.detail.chartNoMetric}</p>;
  }
  if (!value) {
    return (
      <div className="detail__curve-space">
        {error ? (
          <p className="muted">
            {words.detail.chartFailed}: {problemText(error, words, local)}{' '}
            <Button size="compact-xs" variant="default" onClick={reload}>{words.common.retry}</Button>
          </p>
        ) : (
          <p className="muted">{words.common.loading}</p>
        )}
      </div>
    );
  }
  return value.points.length === 0 ? (
    <div className="detail__curve-space"><p className="muted">{words.detail.chartNone}</p></div>
  ) : (
    <ReadingsChart readings={value} range={range} limits={limits} instants={instants} label={words.detail.chart} />
  );
}
