/** Asks something of a gateway or a device, and shows what came of it, and of what was asked before. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Command, DeviceDetail } from '../api/types';
import { Dialog } from '../shell/Dialog';
import { useSpeech } from '../words/language';
import { CommandForm } from './CommandForm';
import { CommandLog } from './CommandLog';
import type { CommandKind } from './kinds';
import { Outcome } from './Outcome';
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
  const title = `${words.command.title} · ${props.name}`;
  return (
    <>
      <Button size="compact-xs" variant="default" aria-label={title} onClick={() => setOpen(true)} data-testid="command-open">
        {words.command.title}
      </Button>
      <Dialog opened={open} onClose={() => setOpen(false)} title={title}>
        {open && <Content {...props} />}
      </Dialog>
    </>
  );
}

function Content({ target, id, kinds, commands = [] }: CommandDialogProps) {
  const [shown, setShown] = useState<Command | null>(null);
  const path = `/${target}/${encodeURIComponent(id)}/commands`;
  return (
    <div className="command">
      <CommandForm path={path} kinds={kinds} commands={commands} onSent={setShown} />
      {/* There from the start: what is said in a region that comes with its text is not read out. */}
      <div role="status">{shown && <Outcome key={shown.id} asked={shown} commands={commands} />}</div>
      <CommandLog path={path} shown={shown?.id} commands={commands} onChoose={setShown} />
    </div>
  );
}
