/** Every gateway, whether it is there, and whether it runs what the registry says. */
import { Table } from '@mantine/core';
import { Notice } from '../alerts/EmptyList';
import type { Gateway, Identity } from '../api/types';
import { useResource } from '../api/useResource';
import { CommandDialog } from '../commands/CommandDialog';
import { kindsForGateway } from '../commands/kinds';
import { useDesk } from '../shell/desk';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { GatewayIdentity } from './GatewayIdentity';
import { GatewayPresence } from './GatewayPresence';
import { useRenewal } from './useRenewal';

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
    <div className="devices cards">
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
            <Table.Th><span className="sr-only">{words.command.title}</span></Table.Th>
            {seesIdentities && <Table.Th>{words.identity.title}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {value.gateways.map((gateway) => (
            <Table.Tr key={gateway.id} data-testid="gateway-row" data-gateway={gateway.id} data-presence={gateway.presence}>
              <Table.Td><GatewayPresence presence={gateway.presence} /></Table.Td>
              <Table.Td>{gateway.name}<div className="muted mono">{gateway.id}</div></Table.Td>
              <Table.Td>{[...gateway.areaNames.slice(1).map(local), gateway.place.name].filter(Boolean).join(' · ')}</Table.Td>
              <Table.Td className="tabular" data-label={words.device.title}>{gateway.devices}</Table.Td>
              <Table.Td data-label={words.gateway.enrolment}>{words.gateway.enrolments[gateway.enrolment]}</Table.Td>
              <Table.Td className="tabular" data-label={words.gateway.pulse}>
                {gateway.lastPulseAt ? dateTime(locale, gateway.lastPulseAt) : words.device.never}
              </Table.Td>
              <Table.Td data-label={words.gateway.agent}>
                {gateway.agentVersion ?? '–'}
                <Running gateway={gateway} />
              </Table.Td>
              <Table.Td>
                <CommandDialog target="gateways" id={gateway.id} name={gateway.name} kinds={kindsForGateway(user.role)} />
              </Table.Td>
              {seesIdentities && (
                <Table.Td data-label={words.identity.title}>
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
    </div>
  );
}

/** Wanted and running, where they differ, and what the gateway refuses. */
function Running({ gateway }: { gateway: Gateway }) {
  const { words } = useSpeech();
  const differs = (wanted: number, running: number | undefined) => running !== undefined && running < wanted;
  const notes = [
    gateway.clockSynchronized === false ? words.gateway.clock : '',
    differs(gateway.registryVersion, gateway.runningRegistryVersion)
      ? words.gateway.behind(gateway.registryVersion, gateway.runningRegistryVersion!) : '',
    differs(gateway.settingsVersion, gateway.runningSettingsVersion)
      ? words.gateway.settingsBehind(gateway.settingsVersion, gateway.runningSettingsVersion!) : '',
    (gateway.onTrial ?? []).length > 0 ? words.gateway.onTrial : '',
  ].filter(Boolean);
  return (
    <>
      <div className="muted" data-testid="gateway-notes">{notes.join(' · ')}</div>
      {gateway.refused.map((state) => (
        <div key={state.topic} className="gateway__refused" data-testid="gateway-refused" title={state.topic}>
          {words.gateway.refused(state.topic.split('/').slice(3).join(' '), state.version)}
          <div className="muted">{state.reason}</div>
        </div>
      ))}
    </>
  );
}
