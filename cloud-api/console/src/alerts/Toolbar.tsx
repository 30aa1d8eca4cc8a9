/** Counts that are filters, the search, and the place where new alerts wait. Its height never changes. */
import { Button, CloseButton, NativeSelect, SegmentedControl } from '@mantine/core';
import { useMemo, type RefObject } from 'react';
import { useResource } from '../api/useResource';
import type { Area } from '../api/types';
import { KINDS, SEVERITIES, worst, type LiveAlert } from '../live/alert';
import { ALL, isNarrowed, matches, toggled, type Filters, type View } from '../live/filters';
import { SearchBox } from '../shell/SearchBox';
import { useSpeech } from '../words/language';
import { SeverityMark, severityColor } from './SeverityMark';

interface ToolbarProps {
  readonly filters: Filters;
  readonly onFilter: (filters: Filters) => void;
  /** Every open alert, whatever the filters. */
  readonly open: readonly LiveAlert[];
  readonly waiting: readonly LiveAlert[];
  readonly onAdmit: () => void;
  readonly search: RefObject<HTMLInputElement | null>;
  /** On a small screen the map takes the place of the list. */
  readonly mapShown: boolean;
  readonly onMap: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { filters, onFilter, open, waiting, onAdmit, search, mapShown, onMap } = props;
  const { words, local } = useSpeech();
  const areas = useResource<{ areas: Area[] }>('/areas').value?.areas ?? [];
  const unacknowledged = open.filter((alert) => !alert.acknowledged);
  const hidden = unacknowledged.filter((alert) => !matches(alert, filters)).length;
  const counts = useMemo(() => count(open), [open]);
  return (
    <div className="toolbar">
      <div className="toolbar__line">
        <SegmentedControl
          size="xs" value={filters.view} onChange={(view) => onFilter({ ...filters, view: view as View })}
          data={[{ value: 'open', label: words.list.views.open }, { value: 'history', label: words.list.views.history }]}
          data-testid="view"
        />
        <span className="toolbar__summary tabular" role="status" data-testid="summary">
          <strong>{words.list.open(open.length)}</strong>
          {open.length > 0 && (
            <span className="muted">
              {' · '}
              {unacknowledged.length > 0 ? words.list.unacknowledged(unacknowledged.length) : words.list.allAcknowledged}
            </span>
          )}
        </span>
        <div className="toolbar__slot">
          {waiting.length > 0 ? (
            <button
              type="button" className="fresh" onClick={onAdmit} title={words.list.freshHint} data-testid="new-alerts"
              style={{ borderColor: severityColor(worst(waiting)!) }}
            >
              <SeverityMark severity={worst(waiting)!} />
              {words.list.fresh(waiting.length)}
            </button>
          ) : (
            hidden > 0 && filters.view === 'open' && (
              <>
                <span className="toolbar__notice" role="status" data-testid="hidden-notice">{words.list.hidden(hidden)}</span>
                <Button size="compact-sm" variant="default" onClick={() => onFilter({ ...ALL, view: filters.view })}>
                  {words.list.showAll}
                </Button>
              </>
            )
          )}
        </div>
      </div>
      <Button
        className="toolbar__map" size="compact-sm" variant={mapShown ? 'filled' : 'default'} aria-pressed={mapShown}
        onClick={onMap} data-testid="map-toggle"
      >
        {words.map.label}
      </Button>
      <div className="toolbar__line toolbar__counts" role="group" aria-label={words.filter.severity}>
        {SEVERITIES.map((severity) => (
          <Count
            key={severity} label={words.severity[severity]} count={counts.get(severity) ?? 0}
            pressed={filters.severities.includes(severity)} testId={`filter-${severity}`}
            onToggle={() => onFilter({ ...filters, severities: toggled(filters.severities, severity) })}
          >
            <SeverityMark severity={severity} size={13} hollow={!counts.get(severity)} />
          </Count>
        ))}
        <SearchBox
          ref={search} className="toolbar__search" value={filters.text} label={words.filter.search} testId="search"
          onChange={(text) => onFilter({ ...filters, text })}
        />
      </div>
      <div className="toolbar__line toolbar__counts" role="group" aria-label={words.filter.kind}>
        {KINDS.map((kind) => (
          <Count
            key={kind} label={words.kind[kind]} count={counts.get(kind) ?? 0}
            pressed={filters.kinds.includes(kind)} testId={`filter-${kind}`}
            onToggle={() => onFilter({ ...filters, kinds: toggled(filters.kinds, kind) })}
          />
        ))}
        <div className="toolbar__slot">
          <NativeSelect
            className="toolbar__area" size="xs" aria-label={words.filter.area} value={filters.area} data-testid="filter-area"
            onChange={(event) => onFilter({ ...filters, area: event.currentTarget.value })}
            data={[{ value: '', label: words.filter.anyArea },
              ...areas.map((area) => ({ value: area.id, label: local(area.name) }))]}
          />
          <CloseButton
            size="sm" aria-label={words.filter.clear} title={words.filter.clear} disabled={!isNarrowed(filters)}
            onClick={() => onFilter({ ...ALL, view: filters.view })} data-testid="clear-filters"
          />
        </div>
      </div>
    </div>
  );
}

interface CountProps {
  readonly label: string;
  readonly count: number;
  readonly pressed: boolean;
  readonly testId: string;
  readonly onToggle: () => void;
  readonly children?: React.ReactNode;
}

function Count({ label, count: n, pressed, testId, onToggle, children }: CountProps) {
  return (
    <button
      type="button" className={`count ${n === 0 ? 'count--none' : ''}`} aria-pressed={pressed} onClick={onToggle}
      data-testid={testId} data-count={n}
    >
      {children}
      <span>{label}</span>
      <span className="count__number">{n}</span>
    </button>
  );
}

function count(alerts: readonly LiveAlert[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { severity, kind } of alerts) {
    counts.set(severity, (counts.get(severity) ?? 0) + 1);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
