/** An empty list says why it is empty, and what can be done. */
import { Button } from '@mantine/core';
import type { View } from '../live/filters';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import type { History } from './useHistory';

interface EmptyListProps {
  readonly view: View;
  readonly loaded: boolean;
  /** Open alerts that the filters hide. */
  readonly hidden: number;
  readonly history: History;
  readonly onShowAll: () => void;
}

export function EmptyList({ view, loaded, hidden, history, onShowAll }: EmptyListProps) {
  const { words, local } = useSpeech();
  if (view === 'history') {
    if (history.loading) {
      return <Notice title={words.common.loading} why="" />;
    }
    return history.error ? (
      <Notice title={words.detail.failed} why={problemText(history.error, words, local)}>
        <Button size="xs" onClick={history.retry}>{words.common.retry}</Button>
      </Notice>
    ) : (
      <Notice title={words.list.emptyHistory} why={words.list.emptyHistoryWhy} />
    );
  }
  if (!loaded) {
    return <Notice title={words.list.emptyLink} why={words.list.emptyLinkWhy} />;
  }
  return hidden > 0 ? (
    <Notice title={words.list.emptyFilterTitle} why={words.list.emptyFilterWhy(hidden)}>
      <Button size="xs" onClick={onShowAll}>{words.list.showAll}</Button>
    </Notice>
  ) : (
    <Notice title={words.list.emptyTitle} why={words.list.emptyWhy} />
  );
}

interface NoticeProps {
  readonly title: string;
  readonly why: string;
  readonly children?: React.ReactNode;
}

export function Notice({ title, why, children }: NoticeProps) {
  return (
    <div className="empty" role="status" data-testid="empty">
      <h2>{title}</h2>
      <p className="muted">{why}</p>
      {children}
    </div>
  );
}
