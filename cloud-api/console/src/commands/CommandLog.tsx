/** The newest commands to one gateway or device, each with who asked and what came of it. */
import { useEffect } from 'react';
import type { Command, DeviceDetail } from '../api/types';
import { useResource } from '../api/useResource';
import { useRenewal } from '../devices/useRenewal';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { CommandName } from './Outcome';

const LISTED = 6;

interface CommandLogProps {
  /** Of the target's commands in the API. */
  readonly path: string;
  /** Whose outcome is shown at length. */
  readonly shown: string | undefined;
  readonly commands: DeviceDetail['commands'];
  readonly onChoose: (command: Command) => void;
}

export function CommandLog({ path, shown, commands, onChoose }: CommandLogProps) {
  const { words, locale } = useSpeech();
  const { value, reload } = useResource<{ commands: Command[] }>(`${path}?limit=${LISTED}`);
  useRenewal(reload);
  useEffect(reload, [reload, shown]);
  if (!value || value.commands.length === 0) {
    return null;
  }
  return (
    <section aria-label={words.command.newest}>
      <h3 className="command__newest">{words.command.newest}</h3>
      <ul className="command__log">
        {value.commands.map((each) => (
          <li key={each.id}>
            <button
              type="button" className="plain-button" aria-current={each.id === shown} onClick={() => onChoose(each)}
              data-testid="command-logged" data-state={each.state}
            >
              <CommandName command={each} commands={commands} />: {words.command.states[each.state]}
              <span className="muted tabular"> · {dateTime(locale, each.issued)} · {each.displayName}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
