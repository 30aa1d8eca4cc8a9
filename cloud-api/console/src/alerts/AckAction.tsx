/** One click acknowledges, for 10 s another one takes it back, in the same place. */
import { Button } from '@mantine/core';
import { clockTime } from '../words/format';
import { useSpeech } from '../words/language';
import { useDesk } from '../shell/desk';
import type { AlertView } from '../api/types';
import type { AckProgress } from './acknowledging';
import { ackState } from './ackState';

interface AckActionProps {
  readonly alert: AlertView;
  readonly progress: AckProgress | undefined;
  readonly nowMs: number;
}

export function AckAction({ alert, progress, nowMs }: AckActionProps) {
  const { acknowledging, user, mayAcknowledge } = useDesk();
  const { words, locale } = useSpeech();
  const state = ackState(alert, progress, user, mayAcknowledge, nowMs);
  if (state.can === 'nothing' && !state.sending) {
    return alert.acknowledged ? (
      <span className="ack-done" data-testid="acknowledged-by">
        <span className="ack-done__name">{words.ack.by(alert.acknowledged.displayName)}</span>
        <span className="muted tabular">{clockTime(locale, alert.acknowledged.at)}</span>
      </span>
    ) : (
      <span className="ack-done muted">{words.ack.none}</span>
    );
  }
  const undo = state.can === 'undo';
  const label = state.can === 'acknowledge' ? words.ack.button
    : undo ? words.ack.undo(state.seconds) : words.ack.sending;
  return (
    <Button
      size="compact-sm" className="ack-button tabular" variant={undo ? 'default' : 'filled'}
      aria-disabled={state.can === 'nothing'} data-testid={undo ? 'undo' : 'acknowledge'}
      onClick={(event) => {
        event.stopPropagation();
        if (state.can === 'acknowledge') {
          void acknowledging.acknowledge(alert);
        } else if (undo) {
          void acknowledging.undo(alert);
        }
      }}
    >
      {label}
    </Button>
  );
}
