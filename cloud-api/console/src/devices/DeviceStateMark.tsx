import { SeverityMark } from '../alerts/SeverityMark';
import { useSpeech } from '../words/language';
import type { Condition } from './deviceState';

/** The state as text, with the shape of its worst alert. */
export function DeviceStateMark({ condition }: { condition: Condition }) {
  const { words } = useSpeech();
  const text = words.device.states[condition.state];
  return (
    <span className={`device-state ${condition.state === 'normal' ? 'muted' : ''}`}>
      {condition.severity ? <SeverityMark severity={condition.severity} size={14} /> : (
        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
          {condition.state === 'normal' ? <circle cx="7" cy="7" r="3" fill="var(--ok)" />
            : <circle cx="7" cy="7" r="4.5" fill="none" stroke="var(--text-muted)" strokeWidth="2" strokeDasharray="3 2" />}
        </svg>
      )}
      {text}
    </span>
  );
}
