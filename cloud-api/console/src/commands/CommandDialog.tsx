/** Asks something of a gateway or a device, and shows what came of it. */
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../api/client';
import type { Command, DeviceDetail } from '../api/types';
import { useResource } from '../api/useResource';
import { useRenewal } from '../devices/useRenewal';
import { useDesk } from '../shell/desk';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { isPending, type CommandKind } from './kinds';
import './commands.css';

interface CommandDialogProps {
  /** Below which path of the API it is. */
  readonly target: 'gateways' | 'devices';
  readonly id: string;
  readonly name: string;
  readonly kinds: readonly CommandKind[];
  /** Of the device's profile. */
  readonly commands?: DeviceDetail['commands'];
}

export function CommandDialog(props: CommandDialogProps) {
  const { words } = useSpeech();
  const [open, setOpen] = useState(false);
  if (props.kinds.length === 0) {
    return null;
  }
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)} data-testid="command-open">{words.command.title}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`${words.command.title} · ${props.name}`}>
        {open && <Form {...props} />}
      </Modal>
    </>
  );
}

function Form({ target, id, kinds, commands = [] }: CommandDialogProps) {
  const { api } = useDesk();
  const { words, local } = useSpeech();
  const [kind, setKind] = useState<CommandKind>(kinds[0]!);
  const [minutes, setMinutes] = useState('');
  const [command, setCommand] = useState(commands[0]?.name ?? '');
  const [value, setValue] = useState('');
  const [sent, setSent] = useState<Command | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const chosen = commands.find((each) => each.name === command);

  const send = () => {
    setBusy(true);
    setFailure(null);
    const given: Record<string, string> = kind === 'SILENCE' ? { minutes }
      : kind === 'DEVICE' ? { command, value: chosen?.takesValue ? value : '' } : {};
    const body = { kind, arguments: Object.fromEntries(Object.entries(given).filter(([, text]) => text !== '')) };
    api.post<Command>(`/${target}/${encodeURIComponent(id)}/commands`, body)
      .then(setSent, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };

  return (
    <div className="command" data-testid="command-form">
      <NativeSelect
        label={words.command.kind} value={kind} onChange={(event) => setKind(event.currentTarget.value as CommandKind)}
        data={kinds.map((each) => ({ value: each, label: words.command.kinds[each] }))} data-testid="command-kind"
      />
      {kind === 'SILENCE' && (
        <TextInput
          label={words.command.minutes} description={words.command.minutesHint} value={minutes} inputMode="numeric"
          onChange={(event) => setMinutes(event.currentTarget.value)}
        />
      )}
      {kind === 'DEVICE' && (
        <NativeSelect
          label={words.command.ofDevice} value={command} onChange={(event) => setCommand(event.currentTarget.value)}
          data={commands.map((each) => ({ value: each.name, label: local(each.label) }))}
        />
      )}
      {kind === 'DEVICE' && chosen?.takesValue && (
        <TextInput label={words.command.value} value={value} maxLength={64} onChange={(event) => setValue(event.currentTarget.value)} />
      )}
      <Button onClick={send} loading={busy} data-testid="command-send">{words.command.send}</Button>
      <p className="command__failure" role="alert">{failure && problemText(failure, words, local)}</p>
      {sent && <Outcome key={sent.id} sent={sent} />}
    </div>
  );
}

function Outcome({ sent }: { sent: Command }) {
  const { words, local } = useSpeech();
  const { value, reload } = useResource<Command>(`/commands/${encodeURIComponent(sent.id)}`);
  const now = value ?? sent;
  useRenewal(isPending(now.state) ? reload : NOTHING, 1_000);
  return (
    <div role="status" data-testid="command-outcome" data-state={now.state}>
      <p><strong>{words.command.states[now.state]}</strong>{now.text && ` · ${local(now.text)}`}</p>
      {Object.entries(now.data ?? {}).map(([name, text]) => (
        <details key={name} open={text.length < 100}>
          <summary className="mono">{name}</summary>
          <pre className="command__data">{text}</pre>
        </details>
      ))}
    </div>
  );
}

const NOTHING = () => {};
