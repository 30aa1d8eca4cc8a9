/** What an alert is besides its severity: confirmed by others, chattering, one of many, a drill, late, over. */
import type { AlertView } from '../api/types';
import { useSpeech } from '../words/language';

type Mark = 'confirmed' | 'spreads' | 'chatters' | 'grouped' | 'drill' | 'late' | 'cleared' | 'changed';

export function Marks({ alert }: { alert: AlertView }) {
  const { words } = useSpeech();
  return marksOf(alert).map((mark) => (
    <span key={mark} className={`mark mark--${mark}`} title={words.markHint[mark]} data-testid={`mark-${mark}`}>
      {words.mark[mark]}
    </span>
  ));
}

function marksOf(alert: AlertView): Mark[] {
  const marks: Mark[] = [];
  const { confirmed, spread, chatter, group } = alert.correlation ?? {};
  if (confirmed) {
    marks.push('confirmed');
  }
  if (spread) {
    marks.push('spreads');
  }
  if (chatter) {
    marks.push('chatters');
  }
  if (group) {
    marks.push('grouped');
  }
  if (alert.drill) {
    marks.push('drill');
  }
  if (alert.late) {
    marks.push('late');
  }
  if (alert.state === 'CLEARED') {
    marks.push('cleared');
  } else if (alert.acknowledged && alert.acknowledged.revision < alert.revision) {
    marks.push('changed');
  }
  return marks;
}
