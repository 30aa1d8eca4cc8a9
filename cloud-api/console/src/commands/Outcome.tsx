import type { Command, DeviceDetail } from '../api/types';
import { useResource } from '../api/useResource';
import { useRenewal } from '../devices/useRenewal';
import { clockTime } from '../words/format';
import { useSpeech } from '../words/language';
import { isPending } from './kinds';

const RENEW_MS = 1_000;
const NOTHING = () => {};

interface OutcomeProps {
  readonly asked: Command;
  readonly commands: DeviceDetail['commands'];
}

/** What became of one command, asked after until it is over. */
export function Outcome({ asked, commands }: OutcomeProps) {
  const { words, locale, local } = useSpeech();
  const { value, reload } = useResource<Command>(`/commands/${encodeURIComponent(asked.id)}`);
  const now = value ?? asked;
  useRenewal(isPending(now.state) ? reload : NOTHING, RENEW_MS);
  return (
    <div data-testid="command-outcome" data-state={now.state}>
      <p className="command__said">
        <CommandName command={now} commands={commands} />: <strong>{words.command.states[now.state]}</strong>
        {now.text && ` · ${local(now.text)}`}
        {now.state === 'WAITING' && ` · ${words.command.until(clockTime(locale, now.deadline))}`}
      </p>
      {Object.entries(now.data ?? {}).map(([name, text]) => (
        <details key={name} open={text.length < 100}>
          <summary className="mono">{name}</summary>
          <pre className="command__data">{text}</pre>
        </details>
      ))}
    </div>
  );
}

/** A command of the device's own goes by the name that its profile gives it. */
export function CommandName({ command, commands }: { command: Command; commands: DeviceDetail['commands'] }) {
  const { words, local } = useSpeech();
  const own = commands.find((each) => command.kind === 'DEVICE' && each.name === command.arguments.command);
  return <>{own ? local(own.label) : words.command.kinds[command.kind]}</>;
}
