/** The rows, virtualised. The chosen row is always drawn, so that `aria-activedescendant` never names a missing one. */
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, type RefObject } from 'react';
import type { LiveAlert } from '../live/alert';
import { useAcknowledgements, useServerNow } from '../shell/desk';
import { useSpeech } from '../words/language';
import { AlertRow } from './AlertRow';

const HEAD_PX = 28;
const ROW_PX = 56;
const PHONE_ROW_PX = 108;

interface AlertGridProps {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly rows: readonly LiveAlert[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

export function AlertGrid({ scroller, rows, chosen, onChoose }: AlertGridProps) {
  const { words } = useSpeech();
  const nowMs = useServerNow();
  const progress = useAcknowledgements();
  const phone = useMediaQuery('(max-width: 760px)') ?? false;
  const headPx = phone ? 0 : HEAD_PX;
  const chosenIndex = chosen ? rows.findIndex((row) => row.id === chosen) : -1;

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? PHONE_ROW_PX : ROW_PX),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 6,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
    rangeExtractor: useCallback(
      (range: Range) => {
        const drawn = defaultRangeExtractor(range);
        return chosenIndex < 0 || chosenIndex >= range.count || drawn.includes(chosenIndex)
          ? drawn : [...drawn, chosenIndex].sort((a, b) => a - b);
      },
      [chosenIndex],
    ),
  });

  useEffect(() => virtual.measure(), [phone, virtual]);

  useEffect(() => {
    if (chosenIndex >= 0) {
      virtual.scrollToIndex(chosenIndex, { align: 'auto' });
    }
    // Only a new choice scrolls: rows that come and go must not.
  }, [chosen, virtual]); // eslint-disable-line

  const active = chosenIndex >= 0 ? rowId(rows[chosenIndex]!.id) : undefined;
  return (
    <div
      ref={scroller} className="grid" role="grid" tabIndex={0} aria-label={words.list.label} data-testid="alert-list"
      aria-rowcount={rows.length + 1} {...(active ? { 'aria-activedescendant': active } : {})}
    >
      <div role="rowgroup" className="grid__head-group">
        <div role="row" aria-rowindex={1} className="grid__head">
          <div role="columnheader">{words.list.severity}</div>
          <div role="columnheader">{words.list.what}</div>
          <div role="columnheader" className="grid__right">{words.list.value}</div>
          <div role="columnheader" className="grid__right">{words.list.elapsed}</div>
          <div role="columnheader" className="grid__right">{words.list.action}</div>
        </div>
      </div>
      <div role="rowgroup" className="grid__rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const alert = rows[item.index]!;
          return (
            <AlertRow
              key={item.key} id={rowId(alert.id)} alert={alert} index={item.index} chosen={alert.id === chosen}
              progress={progress.get(alert.id)} nowMs={nowMs} onChoose={onChoose}
              style={{ height: item.size, transform: `translateY(${item.start - headPx}px)` }}
            />
          );
        })}
      </div>
    </div>
  );
}

function rowId(alertId: string): string {
  return `alert-${alertId}`;
}
