import { Table } from '@mantine/core';
import type { LiveAlert } from '../live/alert';
import { clockTime, quantity } from '../words/format';
import { useSpeech } from '../words/language';

/** The readings that prove the alert, newest first. */
export function EvidenceTable({ alert }: { alert: LiveAlert }) {
  const { words, locale } = useSpeech();
  const { readings, limit } = alert.evidence;
  if (readings.length === 0) {
    return <p className="muted">{words.detail.evidenceNone}</p>;
  }
  return (
    <Table verticalSpacing={3} className="tabular" data-testid="evidence">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.detail.at}</Table.Th>
          <Table.Th ta="right">{words.detail.value}</Table.Th>
          <Table.Th>{words.detail.quality}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[...readings].reverse().map((reading, i) => (
          <Table.Tr key={`${reading.at} ${i}`}>
            <Table.Td>{clockTime(locale, reading.at)}</Table.Td>
            <Table.Td ta="right" fw={limit !== undefined && reading.value >= limit ? 600 : 400}>
              {quantity(reading.value, alert.unit)}
            </Table.Td>
            <Table.Td>{words.quality[reading.quality]}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
