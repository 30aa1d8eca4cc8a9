import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { ApiError } from '../api/client';
import type { Command, DeviceDetail } from '../api/types';
import { SteadyButton } from '../shell/SteadyButton';
import { useDesk } from '../shell/desk';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { commandInput, LOG_LEVELS, type Choices, type CommandKind } from './kinds';

interface CommandFormProps {
  /** Of the target's commands in the API. */
  readonly path: string;
  readonly kinds: readonly CommandKind[];
  readonly commands: DeviceDetail['commands'];
  readonly onSent: (command: Command) => void;
}

export function CommandForm({ path, kinds, commands, onSent }: CommandFormProps) {
  const { api } = useDesk();
  const { words, local } = useSpeech();
  const [kind, setKind] = useState<CommandKind>(kinds[0]!);
  const [choices, setChoices] = useState<Choices>({ minutes: '', outputs: false, level: 'debug', command: commands[0]?.name ?? '', value: '' });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const takesValue = commands.find((each) => each.name === choices.command)?.takesValue ?? false;
  const choose = (change: Partial<Choices>) => setChoices((before) => ({ ...before, ...change }));

  const send = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    api.post<Command>(path, commandInput(kind, choices, takesValue))
      .then(onSent, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };

  return (
    <form className="command" onSubmit={send} data-testid="command-form">
      <NativeSelect
        label={words.command.kind} value={kind} onChange={(event) => setKind(event.currentTarget.value as CommandKind)}
        data={kinds.map((each) => ({ value: each, label: words.command.kinds[each] }))} data-autofocus data-testid="command-kind"
      />
      {kind === 'SELF_TEST' && path.startsWith('/gateways') && (
        <Checkbox
          label={words.command.outputs} checked={choices.outputs}
          onChange={(event) => choose({ outputs: event.currentTarget.checked })}
        />
      )}
      {kind === 'LOG_LEVEL' && (
        <NativeSelect
          label={words.command.level} value={choices.level} data={LOG_LEVELS} data-testid="command-level"
          onChange={(event) => choose({ level: event.currentTarget.value })}
        />
      )}
      {(kind === 'SILENCE' || kind === 'LOG_LEVEL') && (
        <TextInput
          label={words.command.minutes} description={words.command.minutesHints[kind]} value={choices.minutes} inputMode="numeric"
          data-testid="command-minutes" onChange={(event) => choose({ minutes: event.currentTarget.value })}
        />
      )}
      {kind === 'DEVICE' && (
        <NativeSelect
          label={words.command.ofDevice} value={choices.command} onChange={(event) => choose({ command: event.currentTarget.value })}
          data={commands.map((each) => ({ value: each.name, label: local(each.label) }))}
        />
      )}
      {kind === 'DEVICE' && takesValue && (
        <TextInput
          label={words.command.value} value={choices.value} maxLength={64}
          onChange={(event) => choose({ value: event.currentTarget.value })}
        />
      )}
      <SteadyButton type="submit" off={busy} data-testid="command-send">{words.command.send}</SteadyButton>
      <p className="failure" role="alert">{failure && problemText(failure, words, local)}</p>
    </form>
  );
}
