/** Every gateway, whether it is there, and whether it runs what the registry says. */
import { Table } from '@mantine/core';
import { Notice } from '../alerts/EmptyList';
import type { Gateway, Identity } from '../api/types';
import { useResource } from '../api/useResource';
import { useDesk } from '../shell/desk';
import { PartMark } from '../shell/PartMark';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { GatewayIdentity } from './GatewayIdentity';
import { useRenewal } from './useRenewal';

const MARK = { online: 'ok', offline: 'dead', unknown: 'unknown' } as const;

export function GatewaysTable() {
  const { words, locale, local } = useSpeech();
  const { user } = useDesk();
  const { value, error, reload } = useResource<{ gateways: Gateway[] }>('/gateways');
  // Who has a certificate is no matter of the duty's.
  const seesIdentities = user.role !== 'DUTY_OFFICER';
  const identities = useResource<{ identities: Identity[] }>(seesIdentities ? '/identities' : null, true);
  useRenewal(reload);
  useRenewal(identities.reload);
  if (!value) {
    return error ? <Notice title={words.device.failed} why={problemText(error, words, local)} />
      : <Notice title={words.common.loading} why="" />;
  }
  if (value.gateways.length === 0) {
    return <Notice title={words.gateway.emptyTitle} why={words.gateway.emptyWhy} />;
  }
  return (
    <Table.ScrollContainer minWidth={900} className="devices">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.device.state}</Table.Th>
            <Table.Th>{words.device.name}</Table.Th>
            <Table.Th>{words.device.place}</Table.Th>
            <Table.Th>{words.device.title}</Table.Th>
            <Table.Th>{words.gateway.enrolment}</Table.Th>
            <Table.Th>{words.gateway.pulse}</Table.Th>
            <Table.Th>{words.gateway.agent}</Table.Th>
            {seesIdentities && <Table.Th>{words.identity.title}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {value.gateways.map((gateway) => (
            <Table.Tr key={gateway.id} data-testid="gateway-row" data-gateway={gateway.id} data-presence={gateway.presence}>
              <Table.Td>
                <span className="device-state"><PartMark state={MARK[gateway.presence]} />{words.gateway.presence[gateway.presence]}</span>
              </Table.Td>
              <Table.Td>{gateway.name}<div className="muted mono">{gateway.id}</div></Table.Td>
              <Table.Td>{[...gateway.areaNames.slice(1).map(local), gateway.place.name].filter(Boolean).join(' · ')}</Table.Td>
              <Table.Td className="tabular">{gateway.devices}</Table.Td>
              <Table.Td>{words.gateway.enrolments[gateway.enrolment]}</Table.Td>
              <Table.Td className="tabular">{gateway.lastPulseAt ? dateTime(locale, gateway.lastPulseAt) : words.device.never}</Table.Td>
              <Table.Td>
                {gateway.agentVersion ?? '–'}
                <div className="muted">
                  {[gateway.clockSynchronized === false ? words.gateway.clock : '',
                    gateway.runningRegistryVersion !== undefined && gateway.runningRegistryVersion < gateway.registryVersion
                      ? words.gateway.behind : ''].filter(Boolean).join(' · ')}
                </div>
              </Table.Td>
              {seesIdentities && (
                <Table.Td>
                  <GatewayIdentity
                    gateway={gateway} identity={identities.value?.identities.find((one) => one.gateway === gateway.id)}
                    onChange={identities.reload}
                  />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
