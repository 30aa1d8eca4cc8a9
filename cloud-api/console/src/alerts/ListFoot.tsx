import { Button } from '@mantine/core';
import type { Gap } from '../live/store';
import type { View } from '../live/filters';
import { useSpeech } from '../words/language';
import type { History } from './useHistory';

/** What the list does not show, and how to get it. */
export function ListFoot({ gap, history, view }: { gap: Gap | null; history: History; view: View }) {
  const { words } = useSpeech();
  if (view === 'history') {
    return history.more && (
      <div className="list-foot">
        <Button size="compact-sm" variant="default" onClick={history.more} data-testid="more">{words.common.more}</Button>
      </div>
    );
  }
  return gap && (
    <div className="list-foot" role="status">
      {[gap.older ? words.list.older : '', gap.omitted > 0 ? words.list.omitted(gap.omitted) : ''].filter(Boolean).join(' ')}
    </div>
  );
}
