import { ConfirmAction } from '../shell/ConfirmAction';
import { useDesk } from '../shell/desk';
import { useSpeech } from '../words/language';

export function RemoveBundle({ version, onRemoved }: { version: string; onRemoved: () => void }) {
  const { api } = useDesk();
  const { words } = useSpeech();
  return (
    <ConfirmAction
      label={words.update.remove} of={version} title={words.update.removeTitle(version)} why={words.update.removeWhy}
      confirm={words.update.confirmRemove} testIds={{ open: 'remove-bundle', confirm: 'confirm-remove' }}
      act={() => api.delete(`/agent-bundles/${encodeURIComponent(version)}`)} onDone={onRemoved}
    />
  );
}
