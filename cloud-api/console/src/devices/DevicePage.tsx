/** One device: what it says now, its curve, how good its readings are, its limits and its open alerts. */
import { Button, NativeSelect, SegmentedControl, Table } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { Notice } from '../alerts/EmptyList';
import { SeverityMark } from '../alerts/SeverityMark';
import type { DeviceDetail, Readings, Rule } from '../api/types';
import { useResource } from '../api/useResource';
import { CommandDialog } from '../commands/CommandDialog';
import { kindsForDevice } from '../commands/kinds';
import { ReadingsChart } from '../chart/ReadingsChart';
import { useDesk, useLive } from '../shell/desk';
import { clockTime, dateTime, quantity } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { DeviceStateMark } from './DeviceStateMark';
import { QualityTable } from './QualityTable';
import { stateOf } from './deviceState';
import { useRenewal } from './useRenewal';
import './devices.css';

const RENEW_MS = 5_000;
const RANGES_MS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
type Range = keyof typeof RANGES_MS;

export function DevicePage() {
  const { id = '' } = useParams();
  const { words, local } = useSpeech();
  const { value, error, reload } = useResource<DeviceDetail>(`/devices/${encodeURIComponent(id)}`);

  useRenewal(reload);

  if (!value) {
    return (
      <div className="page">
        {error?.status === 404 ? <Notice title={words.device.notFound} why={words.detail.notFoundWhy} />
          : error ? (
            <Notice title={words.device.failed} why={problemText(error, words, local)}>
              <Button size="xs" onClick={reload}>{words.common.retry}</Button>
            </Notice>
          ) : <Notice title={words.common.loading} why="" />}
      </div>
    );
  }
  return (
    <div className="page page--scroll" data-testid="device-page" data-device={id}>
      <Head detail={value} />
      <div className="device">
        <section className="card">
          <h2>{words.device.values}</h2>
          <LastValues detail={value} />
        </section>
        <section className="card">
          <h2>{words.device.alerts}</h2>
          <OpenAlerts detail={value} />
        </section>
        <Curve detail={value} />
        <section className="card card--wide">
          <h2>{words.dataQuality.title}</h2>
          <QualityTable device={id} />
        </section>
        <section className="card card--wide">
          <h2>{words.device.limits}</h2>
          <Limits rules={value.rules} detail={value} />
        </section>
      </div>
    </div>
  );
}

function Head({ detail: { device, commands } }: { detail: DeviceDetail }) {
  const { words, local } = useSpeech();
  const { user } = useDesk();
  const live = useLive();
  return (
    <header className="page__head">
      <Link to="/devices" className="quiet">{words.device.title}</Link>
      <span className="muted" aria-hidden="true">/</span>
      <h1>{device.name}</h1>
      <DeviceStateMark condition={stateOf(device, live.devices)} />
      <span className="muted device__facts">
        {[local(device.profileName), ...device.areaNames.slice(1).map(local), device.place.name].filter(Boolean).join(' · ')}
        {' · '}<span className="mono">{device.id}</span>
      </span>
      <CommandDialog
        target="devices" id={device.id} name={device.name} commands={commands} kinds={kindsForDevice(user.role, commands.length)}
      />
    </header>
  );
}

function LastValues({ detail }: { detail: DeviceDetail }) {
  const { words, locale, local } = useSpeech();
  if (!detail.lastValuesKnown) {
    return <p className="muted">{words.problem.unavailable}</p>;
  }
  if (detail.lastValues.length === 0) {
    return <p className="muted">{words.device.noValues}</p>;
  }
  return (
    <Table verticalSpacing={5} className="tabular" data-testid="last-values">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.device.metric}</Table.Th>
          <Table.Th ta="right">{words.device.value}</Table.Th>
          <Table.Th>{words.device.lastSeen}</Table.Th>
          <Table.Th>{words.detail.quality}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {detail.lastValues.map((last) => (
          <Table.Tr key={last.metric}>
            <Table.Td>{local(last.label)}</Table.Td>
            <Table.Td ta="right" fw={600}>{quantity(last.value, last.unit)}</Table.Td>
            <Table.Td title={dateTime(locale, last.receivedAt)}>{dateTime(locale, last.observedAt)}</Table.Td>
            <Table.Td>{words.quality[last.quality]}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function OpenAlerts({ detail }: { detail: DeviceDetail }) {
  const { words, locale, local } = useSpeech();
  if (detail.alerts.length === 0) {
    return <p className="muted">{words.device.noAlerts}</p>;
  }
  return (
    <ul className="device__alerts">
      {detail.alerts.map((alert) => (
        <li key={alert.id}>
          <SeverityMark severity={alert.severity} hollow={alert.acknowledged !== null} size={14} />
          <Link to={`/alerts/${encodeURIComponent(alert.id)}`}>{local(alert.name)}</Link>
          <span className="muted tabular">{clockTime(locale, alert.onset)}</span>
        </li>
      ))}
    </ul>
  );
}

function Curve({ detail }: { detail: DeviceDetail }) {
  const { words, local } = useSpeech();
  const { store } = useDesk();
  const [metric, setMetric] = useState(() => detail.lastValues[0]?.metric ?? detail.metrics[0]?.name ?? '');
  const [length, setLength] = useState<Range>('hour');
  const [toMs, setToMs] = useState(() => store.clock.now());
  useEffect(() => {
    const timer = setInterval(() => setToMs(store.clock.now()), RENEW_MS);
    return () => clearInterval(timer);
  }, [store]);

  const range = useMemo(() => ({ fromMs: toMs - RANGES_MS[length], toMs }), [toMs, length]);
  const { value, error } = useResource<Readings>(metric ? `/devices/${encodeURIComponent(detail.device.id)}/readings?${
    new URLSearchParams({ metric, points: '600', from: new Date(range.fromMs).toISOString(), to: new Date(toMs).toISOString() })
  }` : null, true);
  const shown = value?.metric === metric ? value : null;
  const limits = useMemo(
    () => (shown?.limits ?? []).map((limit) => ({
      value: limit.limit, severity: limit.severity, label: `${local(limit.name)} ${quantity(limit.limit, shown!.unit)}`,
    })),
    [shown, local],
  );
  return (
    <section className="card card--wide">
      <div className="card__tools">
        <h2>{shown ? local(shown.label) : words.detail.chart}</h2>
        <NativeSelect
          size="xs" aria-label={words.device.metric} value={metric} onChange={(event) => setMetric(event.currentTarget.value)}
          data={detail.metrics.map(({ name, label }) => ({ value: name, label: local(label) }))}
        />
        <SegmentedControl
          size="xs" value={length} onChange={(next) => setLength(next as Range)} aria-label={words.device.range}
          data={(Object.keys(RANGES_MS) as Range[]).map((each) => ({ value: each, label: words.device.ranges[each] }))}
        />
      </div>
      {shown && shown.points.length > 0 ? (
        <ReadingsChart readings={shown} range={range} limits={limits} instants={NO_INSTANTS} label={local(shown.label)} />
      ) : (
        <div className="device__no-curve muted">
          {error ? problemText(error, words, local) : shown ? words.detail.chartNone : words.common.loading}
        </div>
      )}
    </section>
  );
}

const NO_INSTANTS: [] = [];

function Limits({ rules, detail }: { rules: readonly Rule[]; detail: DeviceDetail }) {
  const { words, local } = useSpeech();
  if (rules.length === 0) {
    return <p className="muted">{words.device.noLimits}</p>;
  }
  const metrics = new Map(detail.metrics.map((metric) => [metric.name, metric]));
  return (
    <Table verticalSpacing={5} className="tabular">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.device.severity}</Table.Th>
          <Table.Th>{words.device.rule}</Table.Th>
          <Table.Th>{words.device.metric}</Table.Th>
          <Table.Th ta="right">{words.device.limit}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rules.map((rule) => (
          <Table.Tr key={rule.id}>
            <Table.Td>
              <span className="device-state"><SeverityMark severity={rule.severity} size={14} />{words.severity[rule.severity]}</span>
            </Table.Td>
            <Table.Td>
              {local(rule.name)} <span className="mono muted">{rule.id}</span>
              {rule.ruleSet && <span className="muted"> · {words.device.ruleSet(rule.ruleSet)}</span>}
            </Table.Td>
            <Table.Td>{local(metrics.get(rule.metric)?.label) || rule.metric}</Table.Td>
            <Table.Td ta="right">
              {words.device.conditions[rule.condition](quantity(rule.limit, metrics.get(rule.metric)?.unit ?? ''))}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
