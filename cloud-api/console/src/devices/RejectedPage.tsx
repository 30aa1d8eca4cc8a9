/** What could not be read, with its reason and its bytes: nothing is dropped without a trace. */
import { Button, Table } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ApiError } from '../api/client';
import type { Rejected } from '../api/types';
import { Notice } from '../alerts/EmptyList';
import { useDesk } from '../shell/desk';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { rawText } from './rawText';
import './devices.css';

const PAGE = 100;

interface Loaded {
  readonly rejected: readonly Rejected[];
  readonly next?: string;
}

export function RejectedPage() {
  const { api } = useDesk();
  const { words, locale, local } = useSpeech();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [cursor, setCursor] = useState<{ before: string | null; tries: number }>({ before: null, tries: 0 });

  useEffect(() => {
    let current = true;
    api.get<Loaded>(`/rejected?limit=${PAGE}${cursor.before ? `&before=${cursor.before}` : ''}`).then(
      (page) => {
        if (current) {
          setError(null);
          setLoaded((before) => ({ ...page, rejected: [...(cursor.before ? (before?.rejected ?? []) : []), ...page.rejected] }));
        }
      },
      (failure: unknown) => {
        if (!(failure instanceof ApiError)) {
          throw failure;
        }
        if (current) {
          setError(failure);
        }
      },
    );
    return () => {
      current = false;
    };
  }, [api, cursor]);

  const again = () => setCursor(({ before, tries }) => ({ before, tries: tries + 1 }));
  return (
    <div className="page page--scroll" data-testid="rejected-page">
      <header className="page__head">
        <h1>{words.rejected.title}</h1>
        <span className="muted">{words.rejected.why}</span>
      </header>
      {error && !loaded ? (
        <Notice title={words.rejected.failed} why={problemText(error, words, local)}>
          <Button size="xs" onClick={again}>{words.common.retry}</Button>
        </Notice>
      ) : !loaded ? (
        <Notice title={words.common.loading} why="" />
      ) : loaded.rejected.length === 0 ? (
        <Notice title={words.rejected.emptyTitle} why={words.rejected.emptyWhy} />
      ) : (
        <>
          <Table.ScrollContainer minWidth={820}>
            <Table verticalSpacing={6} className="rejected">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.rejected.at}</Table.Th>
                  <Table.Th>{words.rejected.reason}</Table.Th>
                  <Table.Th>{words.rejected.device}</Table.Th>
                  <Table.Th>{words.rejected.source}</Table.Th>
                  <Table.Th>{words.rejected.raw}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {loaded.rejected.map((each) => (
                  <Table.Tr key={each.id} data-testid="rejected-row">
                    <Table.Td className="tabular">{dateTime(locale, each.receivedAt)}</Table.Td>
                    <Table.Td><strong className="mono">{each.reason}</strong><div className="muted">{each.detail}</div></Table.Td>
                    <Table.Td>{each.device ?? '–'}<div className="muted mono">{each.gateway}</div></Table.Td>
                    <Table.Td className="mono">{each.source}</Table.Td>
                    <Table.Td><code className="rejected__raw">{rawText(each.raw)}</code></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {loaded.next && (
            <div className="list-foot">
              <Button size="compact-sm" variant="default" onClick={() => setCursor({ before: loaded.next!, tries: 0 })}>
                {words.common.more}
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
