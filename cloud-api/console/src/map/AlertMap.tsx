/** The map beside the list; loaded after it, because the list comes first. */
import { lazy, Suspense } from 'react';
import type { LiveAlert } from '../live/alert';

export interface AlertMapProps {
  readonly className: string;
  readonly alerts: readonly LiveAlert[];
  readonly chosen: LiveAlert | undefined;
  readonly onChoose: (id: string) => void;
}

const MapCanvas = lazy(() => import('./MapCanvas').then((module) => ({ default: module.MapCanvas })));

export function AlertMap(props: AlertMapProps) {
  return (
    <Suspense fallback={<section className={props.className} />}>
      <MapCanvas {...props} />
    </Suspense>
  );
}
