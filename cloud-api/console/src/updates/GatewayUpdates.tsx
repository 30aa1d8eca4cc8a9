import { Checkbox, NativeSelect, Table } from '@mantine/core';
import { useState } from 'react';
import type { AgentBundle, AgentUpdate, Gateway } from '../api/types';
import { GatewayPresence } from '../devices/GatewayPresence';
import { useDesk } from '../shell/desk';
import { useSpeech } from '../words/language';
import { OrderUpdate } from './OrderUpdate';
import { OrderCell, ProgressCell } from './UpdateCells';

interface GatewayUpdatesProps {
  readonly gateways: readonly Gateway[];
  readonly updates: readonly AgentUpdate[];
  /** Newest first. */
  readonly bundles: readonly AgentBundle[];
  readonly onOrdered: () => void;
}

export function GatewayUpdates({ gateways, updates, bundles, onOrdered }: GatewayUpdatesProps) {
  const { words } = useSpeech();
  const { user } = useDesk();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [wanted, setWanted] = useState('');
  const mayOrder = user.role !== 'DUTY_OFFICER';
  // What was chosen may have gone meanwhile.
  const version = bundles.some((bundle) => bundle.version === wanted) ? wanted : (bundles[0]?.version ?? '');
  const chosen = gateways.filter((gateway) => picked.has(gateway.id));
  const pick = (ids: readonly string[], isPicked: boolean) => setPicked((before) => {
    const next = new Set(before);
    ids.forEach((id) => (isPicked ? next.add(id) : next.delete(id)));
    return next;
  });

  return (
    <section className="cards" aria-label={words.update.gateways}>
      <header className="updates__head">
        <h2>{words.update.gateways}</h2>
        {mayOrder && (
          <div className="updates__action updates__order">
            <Checkbox
              label={words.update.pickAll} checked={chosen.length > 0 && chosen.length === gateways.length}
              indeterminate={chosen.length > 0 && chosen.length < gateways.length} data-testid="pick-all"
              onChange={(event) => pick(gateways.map((gateway) => gateway.id), event.currentTarget.checked)}
            />
            <NativeSelect
              size="xs" aria-label={words.update.target} value={version} onChange={(event) => setWanted(event.currentTarget.value)}
              data={bundles.map((bundle) => bundle.version)} disabled={bundles.length === 0} data-testid="update-version"
            />
            <OrderUpdate
              version={version} gateways={chosen} onOrdered={(ids) => {
                pick(ids, false);
                onOrdered();
              }}
            />
          </div>
        )}
      </header>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {mayOrder && <Table.Th w={36}><span className="sr-only">{words.update.order(chosen.length)}</span></Table.Th>}
            <Table.Th>{words.device.name}</Table.Th>
            <Table.Th>{words.device.state}</Table.Th>
            <Table.Th>{words.update.runs}</Table.Th>
            <Table.Th>{words.update.ordered}</Table.Th>
            <Table.Th>{words.update.progress}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {gateways.map((gateway) => {
            const update = updates.find((each) => each.order.gateway === gateway.id);
            return (
              <Table.Tr key={gateway.id} data-testid="update-row" data-gateway={gateway.id}>
                {mayOrder && (
                  <Table.Td>
                    <Checkbox
                      aria-label={words.update.pick(gateway.name)} checked={picked.has(gateway.id)}
                      onChange={(event) => pick([gateway.id], event.currentTarget.checked)}
                    />
                  </Table.Td>
                )}
                <Table.Td>{gateway.name}<div className="muted mono">{gateway.id}</div></Table.Td>
                <Table.Td><GatewayPresence presence={gateway.presence} /></Table.Td>
                <Table.Td data-label={words.update.runs}>{gateway.agentVersion ?? '–'}</Table.Td>
                <Table.Td data-label={words.update.ordered}><OrderCell update={update} /></Table.Td>
                <Table.Td data-label={words.update.progress}><ProgressCell update={update} /></Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </section>
  );
}
