import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { ApiError } from '../api/client';
import { SteadyButton } from '../shell/SteadyButton';
import { useDesk } from '../shell/desk';
import { Dialog } from '../shell/Dialog';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';

export function RemoveBundle({ version, onRemoved }: { version: string; onRemoved: () => void }) {
  const { api } = useDesk();
  const { words, local } = useSpeech();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);

  const ask = () => {
    setFailure(null);
    setAsking(true);
  };
  const remove = () => {
    setBusy(true);
    setFailure(null);
    api.delete(`/agent-bundles/${encodeURIComponent(version)}`)
      .then(() => {
        setAsking(false);
        onRemoved();
      }, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button
        size="compact-xs" variant="default" onClick={ask} data-testid="remove-bundle" aria-label={`${words.update.remove} ${version}`}
      >
        {words.update.remove}
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={words.update.removeTitle(version)}>
        <p>{words.update.removeWhy}</p>
        <p className="failure" role="alert">{failure && problemText(failure, words, local)}</p>
        <Group>
          <SteadyButton off={busy} onClick={remove} data-testid="confirm-remove">{words.update.confirmRemove}</SteadyButton>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>{words.common.cancel}</Button>
        </Group>
      </Dialog>
    </>
  );
}
