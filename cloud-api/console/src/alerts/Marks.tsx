/** What an alert is besides its severity: a drill, late, over. */
import type { AlertView } from '../api/types';
import { useSpeech } from '../words/language';

type Mark = 'drill' | 'late' | 'cleared' | 'changed';

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
