/** What reports without being enrolled: its readings are not judged, so somebody has to know of it. */
import { Table } from '@mantine/core';
import { Notice } from '../alerts/EmptyList';
import type { Seen } from '../api/types';
import { useResource } from '../api/useResource';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { useRenewal } from './useRenewal';

export function SeenTable() {
  const { words, locale, local } = useSpeech();
  const { value, error, reload } = useResource<{ seen: Seen[] }>('/seen');
  useRenewal(reload);
  if (!value) {
    return error ? <Notice title={words.device.failed} why={problemText(error, words, local)} />
      : <Notice title={words.common.loading} why="" />;
  }
  const strangers = value.seen.filter((each) => !each.enrolled);
  if (strangers.length === 0) {
    return <Notice title={words.seen.emptyTitle} why={words.seen.emptyWhy} />;
  }
  return (
    <Table.ScrollContainer minWidth={560} className="devices">
      <p className="devices__why muted">{words.seen.why}</p>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.device.id}</Table.Th>
            <Table.Th>{words.device.profile}</Table.Th>
            <Table.Th>{words.device.gateway}</Table.Th>
            <Table.Th>{words.device.lastSeen}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {strangers.map((each) => (
            <Table.Tr key={`${each.gateway} ${each.device}`} data-testid="seen-row" data-device={each.device}>
              <Table.Td className="mono">{each.device}</Table.Td>
              <Table.Td className="mono">{each.profile}</Table.Td>
              <Table.Td className="mono">{each.gateway}</Table.Td>
              <Table.Td className="tabular">{dateTime(locale, each.at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
