/** Every device with its state now; a list like the alerts', virtualised. */
import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { Link, useSearchParams } from 'react-router';
import { Notice } from '../alerts/EmptyList';
import type { Device } from '../api/types';
import { severityRank } from '../live/alert';
import { useLive } from '../shell/desk';
import { SearchBox } from '../shell/SearchBox';
import { useShortcuts } from '../shell/shortcuts';
import { UpdatesPanel } from '../updates/UpdatesPanel';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { DeviceStateMark } from './DeviceStateMark';
import { stateOf, type Condition } from './deviceState';
import { GatewaysTable } from './GatewaysTable';
import { SeenTable } from './SeenTable';
import { useDevices } from './useDevices';
import './devices.css';

const ROW_PX = 44;
const ASK_AFTER_MS = 250;
const LISTS = ['devices', 'gateways', 'seen', 'updates'] as const;

export function DevicesPage() {
  const { words, local } = useSpeech();
  const live = useLive();
  const [params, setParams] = useSearchParams();
  const text = params.get('q') ?? '';
  const list = LISTS.find((each) => each === params.get('list')) ?? 'devices';
  const [asked] = useDebouncedValue(text.trim(), ASK_AFTER_MS);
  const { devices, total, loading, error } = useDevices(asked);
  const search = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => search.current?.focus(), Escape: () => search.current?.blur() });

  const rows = useMemo(
    () => devices.map((device) => ({ device, condition: stateOf(device, live.devices) })).sort(worstFirst),
    [devices, live.devices],
  );
  return (
    <div className="page">
      <header className="page__head">
        <h1>{words.device.title}</h1>
        <SegmentedControl
          size="xs" value={list} data-testid="device-lists"
          onChange={(next) => setParams(next === 'devices' ? {} : { list: next }, { replace: true })}
          data={LISTS.map((value) => ({ value, label: words.device.lists[value] }))}
        />
        {list === 'devices' && <>
        <span className="muted tabular" role="status">{loading ? words.common.loading : words.device.count(total)}</span>
        <SearchBox
          ref={search} className="page__search" value={text} label={words.device.search} testId="device-search"
          onChange={(next) => setParams(next ? { q: next } : {}, { replace: true })}
        />
        </>}
      </header>
      {list === 'gateways' ? (
        <GatewaysTable />
      ) : list === 'seen' ? (
        <SeenTable />
      ) : list === 'updates' ? (
        <UpdatesPanel />
      ) : error ? (
        <Notice title={words.device.failed} why={problemText(error, words, local)} />
      ) : rows.length === 0 && !loading ? (
        <Notice title={words.device.emptyTitle} why={words.device.emptyWhy} />
      ) : (
        <DeviceTable rows={rows} />
      )}
    </div>
  );
}

interface Row {
  readonly device: Device;
  readonly condition: Condition;
}

const RANKS: Readonly<Record<Condition['state'], number>> = { alarm: 0, trouble: 1, silent: 2, normal: 3 };

function worstFirst(a: Row, b: Row): number {
  const severity = ({ condition }: Row) => (condition.severity ? severityRank(condition.severity) : 9);
  return RANKS[a.condition.state] - RANKS[b.condition.state] || severity(a) - severity(b)
    || (a.device.id < b.device.id ? -1 : 1);
}

function DeviceTable({ rows }: { rows: readonly Row[] }) {
  const { words, local } = useSpeech();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 10,
  });
  return (
    <div
      ref={scroller} className="devices" role="table" aria-rowcount={rows.length + 1} aria-label={words.device.title}
      tabIndex={0} data-testid="device-list"
    >
      <div role="rowgroup" className="devices__head-group">
        <div role="row" aria-rowindex={1} className="devices__row devices__head">
          <span role="columnheader">{words.device.state}</span>
          <span role="columnheader">{words.device.name}</span>
          <span role="columnheader" className="devices__wide">{words.device.profile}</span>
          <span role="columnheader" className="devices__wide">{words.device.place}</span>
          <span role="columnheader" className="devices__wide">{words.device.id}</span>
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const { device, condition } = rows[item.index]!;
          return (
            <div
              key={device.id} role="row" aria-rowindex={item.index + 2} className="devices__row devices__item"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              data-testid="device-row" data-device={device.id} data-state={condition.state}
            >
              <span role="cell"><DeviceStateMark condition={condition} /></span>
              <span role="cell"><Link to={`/devices/${encodeURIComponent(device.id)}`}>{device.name}</Link></span>
              <span role="cell" className="devices__wide">{local(device.profileName)}</span>
              <span role="cell" className="devices__wide muted">
                {[...device.areaNames.slice(1).map(local), device.place.name].filter(Boolean).join(' · ')}
              </span>
              <span role="cell" className="devices__wide mono muted">{device.id}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
