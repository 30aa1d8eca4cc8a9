import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../api/client';
import type { AgentUpdate, Gateway } from '../api/types';
import { SteadyButton } from '../shell/SteadyButton';
import { useDesk } from '../shell/desk';
import { Dialog } from '../shell/Dialog';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';

interface OrderUpdateProps {
  readonly version: string;
  /** For whom; none disables it. */
  readonly gateways: readonly Gateway[];
  /** With the ids of those whose order was taken. */
  readonly onOrdered: (ids: readonly string[]) => void;
}

interface Failure {
  readonly name: string;
  readonly error: ApiError;
}

export function OrderUpdate({ version, gateways, onOrdered }: OrderUpdateProps) {
  const { api } = useDesk();
  const { words, local } = useSpeech();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<readonly Failure[]>([]);

  const ask = () => {
    setFailures([]);
    setAsking(true);
  };
  /** One after the other. Who was refused stays chosen, so that the same button tries those again. */
  const order = async () => {
    setBusy(true);
    const taken: string[] = [];
    const refused: Failure[] = [];
    for (const { id, name } of gateways) {
      try {
        await api.put<AgentUpdate>(`/gateways/${encodeURIComponent(id)}/agent`, { version });
        taken.push(id);
      } catch (error) {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        refused.push({ name, error });
      }
    }
    setBusy(false);
    setFailures(refused);
    setAsking(refused.length > 0);
    onOrdered(taken);
  };

  return (
    <>
      <SteadyButton size="xs" off={gateways.length === 0} onClick={ask} data-testid="order-open">
        {words.update.order(gateways.length)}
      </SteadyButton>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={words.update.orderTitle(version)}>
        <p>{words.update.orderWhy}</p>
        <ul className="updates__chosen">
          {gateways.map((gateway) => (
            <li key={gateway.id}>{gateway.name}: {gateway.agentVersion ?? '–'} → {version}</li>
          ))}
        </ul>
        <div className="failure" role="alert">
          {failures.map(({ name, error }) => <p key={name}>{name}: {problemText(error, words, local)}</p>)}
        </div>
        <Group>
          <SteadyButton off={busy} onClick={() => void order()} data-autofocus data-testid="confirm-order">{words.update.confirmOrder}</SteadyButton>
          <Button variant="default" onClick={() => setAsking(false)}>{words.common.cancel}</Button>
        </Group>
      </Dialog>
    </>
  );
}
