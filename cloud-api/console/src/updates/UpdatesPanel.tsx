/** Versions of the edge agent: the bundles there are, and for every gateway what it runs, is to run, and how far it is. */
import type { AgentBundle, AgentUpdate, Gateway } from '../api/types';
import { Notice } from '../alerts/EmptyList';
import { useResource } from '../api/useResource';
import { useRenewal } from '../devices/useRenewal';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { BundleShelf } from './BundleShelf';
import { GatewayUpdates } from './GatewayUpdates';
import './updates.css';

export function UpdatesPanel() {
  const { words, local } = useSpeech();
  const bundles = useResource<{ bundles: AgentBundle[] }>('/agent-bundles');
  const updates = useResource<{ updates: AgentUpdate[] }>('/agent-updates');
  const gateways = useResource<{ gateways: Gateway[] }>('/gateways');
  useRenewal(bundles.reload);
  useRenewal(updates.reload);
  useRenewal(gateways.reload);
  if (!bundles.value || !updates.value || !gateways.value) {
    const error = bundles.error ?? updates.error ?? gateways.error;
    return error ? <Notice title={words.update.failed} why={problemText(error, words, local)} />
      : <Notice title={words.common.loading} why="" />;
  }
  return (
    <div className="devices updates" data-testid="updates">
      <BundleShelf bundles={bundles.value.bundles} onChange={bundles.reload} />
      <GatewayUpdates
        gateways={gateways.value.gateways} updates={updates.value.updates} bundles={bundles.value.bundles} onOrdered={updates.reload}
      />
    </div>
  );
}
