/** The list, the map and the chosen alert beside each other; which alert and which filters is in the URL. */
import { useMemo, useRef, useState } from 'react';
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { byUrgency, isOpen, isUndoable, type LiveAlert } from '../live/alert';
import { ALL, isNarrowed, matches, readFilters, writeFilters, type Filters } from '../live/filters';
import { useDesk, useLive, useServerNow } from '../shell/desk';
import { useShortcuts } from '../shell/shortcuts';
import { useSpeech } from '../words/language';
import { AlertDetail } from './AlertDetail';
import { AlertGrid } from './AlertGrid';
import { AlertMap } from '../map/AlertMap';
import { EmptyList } from './EmptyList';
import { ListFoot } from './ListFoot';
import { Toolbar } from './Toolbar';
import { useArrangement } from './useArrangement';
import { useHistory } from './useHistory';
import { useHold } from './useHold';
import './alerts.css';

const ARROWS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

export function AlertsPage() {
  const { id } = useParams();
  const { search: query } = useLocation();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const { acknowledging, mayAcknowledge, user } = useDesk();
  const { words } = useSpeech();
  const live = useLive();
  const filters = useMemo(() => readFilters(params), [params]);
  const list = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const held = useHold(list);
  const [mapShown, setMapShown] = useState(false);
  const [found, setFound] = useState<LiveAlert | null>(null);

  const open = useMemo(() => [...live.alerts.values()].filter(isOpen), [live.alerts]);
  const nowMs = useServerNow();
  // Over and acknowledged, and for some seconds the place to take that back. As a text: renewed every second, the list
  // is to be sorted only when it changes.
  const undoable = [...live.alerts.values()].filter((alert) => !isOpen(alert) && isUndoable(alert, user.name, nowMs))
    .map((alert) => alert.id).join(' ');
  const history = useHistory(filters);
  const sorted = useMemo(
    () => {
      if (filters.view === 'history') {
        return history.alerts.map((row) => newer(live.alerts.get(row.id), row));
      }
      const taken = undoable.split(' ').flatMap((each) => live.alerts.get(each) ?? []);
      return [...open, ...taken].filter((alert) => matches(alert, filters)).sort(byUrgency);
    },
    [open, undoable, live.alerts, filters, history.alerts],
  );
  const { shown, waiting, admit } = useArrangement(sorted, live.alerts, held, writeFilters(filters).toString());

  const choose = (next: string | undefined, replace = false) =>
    void navigate({ pathname: next ? `/alerts/${encodeURIComponent(next)}` : '/alerts', search: query }, { replace });
  const step = (by: number) => {
    const at = shown.findIndex((row) => row.id === id);
    const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by))];
    if (next) {
      scroller.current?.focus({ preventScroll: true });
      choose(next.id, true);
    }
  };
  const chosen = id ? (live.alerts.get(id) ?? (found?.id === id ? found : shown.find((row) => row.id === id))) : undefined;
  const setFilters = (next: Filters) => setParams(writeFilters(next), { replace: true });

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    a: () => {
      if (chosen && mayAcknowledge && !chosen.acknowledged) {
        void acknowledging.acknowledge(chosen);
      }
    },
    n: admit,
    '/': () => search.current?.focus(),
    Escape: () => {
      if (document.activeElement === search.current) {
        search.current?.blur();
      } else if (id) {
        choose(undefined);
      }
    },
  });

  return (
    <div className={`alerts ${id ? 'alerts--chosen' : ''} ${mapShown ? 'alerts--map' : ''}`}>
      <section className="alerts__list">
        <h1 className="sr-only">{words.nav.alerts}</h1>
        <Toolbar
          filters={filters} onFilter={setFilters} open={open} waiting={waiting} onAdmit={admit} search={search}
          mapShown={mapShown} onMap={() => setMapShown(!mapShown)}
        />
        <div ref={list} className="alerts__rows" onKeyDown={(event) => {
          const by = ARROWS[event.key];
          if (by !== undefined) {
            event.preventDefault();
            step(by);
          }
        }}>
          {shown.length > 0 ? (
            <AlertGrid scroller={scroller} rows={shown} chosen={id} onChoose={(next) => choose(next)} />
          ) : (
            <EmptyList
              view={filters.view} loaded={live.loaded} hidden={isNarrowed(filters) ? open.length : 0} history={history}
              onShowAll={() => setFilters({ ...ALL, view: filters.view })}
            />
          )}
        </div>
        <ListFoot gap={live.gap} history={history} view={filters.view} />
      </section>
      <div className={`alerts__side ${id ? 'alerts__side--detail' : ''}`}>
        <AlertMap className="alerts__map" alerts={filters.view === 'history' ? shown : open} chosen={chosen} onChoose={choose} />
        {id && <AlertDetail key={id} id={id} onClose={() => choose(undefined)} onFound={setFound} />}
      </div>
    </div>
  );
}

/** What is live of a row of the history, unless the history is ahead. */
function newer(live: LiveAlert | undefined, row: LiveAlert): LiveAlert {
  return live && live.revision >= row.revision ? live : row;
}
