import { Button, Group } from '@mantine/core';
import { useRef, useState } from 'react';
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

/** As it stood when the dialog opened: no list that is renewed behind it changes what is ordered. */
interface Order {
  readonly version: string;
  readonly gateways: readonly Gateway[];
}

interface Failure {
  readonly gateway: Gateway;
  readonly error: ApiError;
}

export function OrderUpdate({ version, gateways, onOrdered }: OrderUpdateProps) {
  const { api } = useDesk();
  const { words, local } = useSpeech();
  const [order, setOrder] = useState<Order | null>(null);
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<readonly Failure[]>([]);

  /** Of the order in the dialog; another object for each. */
  const under = useRef<Order | null>(null);

  const close = () => {
    under.current = null;
    setOrder(null);
  };
  const ask = () => {
    setFailures([]);
    setOrder({ version, gateways });
  };
  /**
   * One after the other, until the dialog is closed. Who was refused stays chosen, so that the same button tries those
   * again.
   */
  const send = async (wanted: Order) => {
    under.current = wanted;
    setBusy(true);
    const taken: string[] = [];
    const refused: Failure[] = [];
    for (const gateway of wanted.gateways) {
      if (under.current !== wanted) {
        break;
      }
      try {
        await api.put<AgentUpdate>(`/gateways/${encodeURIComponent(gateway.id)}/agent`, { version: wanted.version });
        taken.push(gateway.id);
      } catch (error) {
        if (!(error instanceof ApiError)) {
          throw error;
        }
        refused.push({ gateway, error });
      }
    }
    setBusy(false);
    if (under.current === wanted) {
      setFailures(refused);
      setOrder(refused.length > 0 ? { ...wanted, gateways: refused.map(({ gateway }) => gateway) } : null);
    }
    onOrdered(taken);
  };

  return (
    <>
      <SteadyButton size="xs" off={gateways.length === 0 || version === ''} onClick={ask} data-testid="order-open">
        {words.update.order(gateways.length)}
      </SteadyButton>
      <Dialog opened={order !== null} onClose={close} title={order && words.update.orderTitle(order.version)}>
        {order && (
          <>
            <p>{words.update.orderWhy}</p>
            <ul className="updates__chosen">
              {order.gateways.map((gateway) => (
                <li key={gateway.id}>{gateway.name}: {gateway.agentVersion ?? '–'} → {order.version}</li>
              ))}
            </ul>
            <div className="failure" role="alert">
              {failures.map(({ gateway, error }) => (
                <p key={gateway.id}>{gateway.name}: {problemText(error, words, local)}</p>
              ))}
            </div>
            <Group>
              <SteadyButton off={busy} onClick={() => void send(order)} data-autofocus data-testid="confirm-order">
                {words.update.confirmOrder}
              </SteadyButton>
              <Button variant="default" onClick={close}>{words.common.cancel}</Button>
            </Group>
          </>
        )}
      </Dialog>
    </>
  );
}
