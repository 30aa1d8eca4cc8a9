/** How complete, timely and valid a device's readings were on the last days, in the officer's own time zone. */
import { Button, Table } from '@mantine/core';
import type { DataQuality, DayQuality, Quality } from '../api/types';
import { useResource } from '../api/useResource';
import { number } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { atMost, percent } from './qualityText';

export function QualityTable({ device }: { device: string }) {
  const { words, local } = useSpeech();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { value, error, reload } = useResource<DataQuality>(
    `/devices/${encodeURIComponent(device)}/quality?${new URLSearchParams({ zone })}`,
  );
  if (!value) {
    return error ? (
      <p className="muted">
        {problemText(error, words, local)} <Button size="compact-xs" variant="default" onClick={reload}>{words.common.retry}</Button>
      </p>
    ) : <p className="muted">{words.common.loading}</p>;
  }
  if (value.days.length === 0) {
    return <p className="muted">{words.device.noValues}</p>;
  }
  return (
    <Table verticalSpacing={5} className="tabular" data-testid="data-quality">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.dataQuality.day}</Table.Th>
          <Table.Th ta="right">{words.dataQuality.completeness}</Table.Th>
          <Table.Th ta="right">{words.dataQuality.reports}</Table.Th>
          <Table.Th ta="right" title={words.dataQuality.latencyWhy}>{words.dataQuality.latency}</Table.Th>
          <Table.Th ta="right">{words.dataQuality.validity}</Table.Th>
          <Table.Th>{words.dataQuality.others}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[...value.days].reverse().map((day) => <Day key={day.day} day={day} />)}
      </Table.Tbody>
    </Table>
  );
}

function Day({ day }: { day: DayQuality }) {
  const { words } = useSpeech();
  const others = (Object.entries(day.qualities) as [Quality, number][]).filter(([quality]) => quality !== 'GOOD');
  return (
    <Table.Tr>
      <Table.Td>{day.day}</Table.Td>
      <Table.Td ta="right" fw={600}>{percent(day.completeness)}</Table.Td>
      <Table.Td ta="right">{day.expected === undefined ? number(day.received) : `${day.received} / ${day.expected}`}</Table.Td>
      <Table.Td ta="right">{day.latency ? `${atMost(day.latency.p50)} · ${atMost(day.latency.p99)}` : '–'}</Table.Td>
      <Table.Td ta="right" fw={600}>{percent(day.validity)}</Table.Td>
      <Table.Td>{others.map(([quality, count]) => `${words.quality[quality]} ${count}`).join(' · ') || words.common.none}</Table.Td>
    </Table.Tr>
  );
}
