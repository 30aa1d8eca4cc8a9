import type { AgentUpdate, RiverPart } from '../api/types';
import { PartMark } from '../shell/PartMark';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { updateState, type UpdateState } from './progress';

const MARKS: Record<UpdateState, RiverPart['state'] | null> = {
  NONE: null, WAITING: 'unknown', FETCHING: 'late', STAGED: 'late', ON_TRIAL: 'late', DONE: 'ok', REFUSED: 'dead', ROLLED_BACK: 'dead',
};

export function OrderCell({ update }: { update: AgentUpdate | undefined }) {
  const { locale } = useSpeech();
  if (!update) {
    return <>–</>;
  }
  const { version, at, displayName } = update.order;
  return <><strong>{version}</strong> <span className="muted tabular">{dateTime(locale, at)} {displayName}</span></>;
}

/** How far it is, and why it went no further. */
export function ProgressCell({ update }: { update: AgentUpdate | undefined }) {
  const { words } = useSpeech();
  const state = updateState(update);
  const mark = MARKS[state];
  const failed = state === 'REFUSED' || state === 'ROLLED_BACK';
  return (
    <div data-testid="update-progress" data-state={state}>
      <span className="device-state device-state--long">{mark && <PartMark state={mark} />}{words.update.states[state]}</span>
      {state !== 'WAITING' && update?.progress?.detail && (
        <div className={failed ? 'failure' : 'muted'} lang="en" data-testid="update-reason">{update.progress.detail}</div>
      )}
    </div>
  );
}
