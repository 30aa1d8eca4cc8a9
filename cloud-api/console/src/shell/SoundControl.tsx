/** Whether this page can be heard, and the silence. Silence is not acknowledging, and stands apart from it. */
import { Tooltip } from '@mantine/core';
import { span } from '../words/format';
import { useSpeech } from '../words/language';
import type { Words } from '../words/en';
import type { SoundState } from '../sound/soundBoard';
import { useDesk, useServerNow, useSound } from './desk';
import { useShortcuts } from './shortcuts';

export function SoundControl() {
  const { sound } = useDesk();
  const { words } = useSpeech();
  const state = useSound();
  const now = useServerNow();
  useShortcuts({ s: () => sound.silence() });

  if (!state.supported) {
    return <span className="sound sound--blocked" data-testid="sound" data-state="unsupported">{words.sound.unsupported}</span>;
  }
  if (state.blocked) {
    return (
      <button
        type="button" className="plain-button sound sound--blocked" onClick={() => sound.unblock()}
        title={words.sound.blocked} data-testid="sound" data-state="blocked"
      >
        <SpeakerIcon on={false} />
        <span className="sound__label">{words.sound.blocked}</span>
      </button>
    );
  }
  const silenced = state.silentUntil !== null;
  const mode = silenced ? 'silenced' : state.due ? 'sounding' : 'on';
  return (
    <Tooltip label={words.sound.why} multiline w={300} openDelay={500}>
      <div className={`sound sound--${mode}`} data-testid="sound" data-state={mode}>
        <span className="sound__state tabular" role="status">
          <SpeakerIcon on={!silenced} />
          <span className="sound__label">{soundText(state, now, words)}</span>
        </span>
        <button
          type="button" className="plain-button sound__action" data-testid="silence"
          onClick={() => (silenced ? sound.resume() : sound.silence())}
        >
          {silenced ? words.sound.resume : words.sound.silence}
        </button>
      </div>
    </Tooltip>
  );
}

function soundText(state: SoundState, now: number, words: Words): string {
  if (state.silentUntil !== null) {
    return words.sound.silenced(span(state.silentUntil - now, words.time.day));
  }
  if (state.due === 'PLATFORM') {
    return words.sound.trouble;
  }
  return state.due ? words.sound.sounding(words.severity[state.due]) : words.sound.on;
}

function SpeakerIcon({ on }: { on: boolean }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.5">
      <path d="M2 6h2.5L8 3v10L4.5 10H2z" fill="currentColor" />
      {on ? <path d="M10.5 5.5a3.5 3.5 0 0 1 0 5M12.5 3.5a6.3 6.3 0 0 1 0 9" /> : <path d="M10.5 6l4 4m0-4-4 4" />}
    </svg>
  );
}
