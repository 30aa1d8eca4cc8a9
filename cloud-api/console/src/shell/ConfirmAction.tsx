import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { ApiError } from '../api/client';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { Dialog } from './Dialog';
import { SteadyButton } from './SteadyButton';

interface ConfirmActionProps {
  readonly label: string;
  /** What it is done to: buttons of several rows are told apart by it. */
  readonly of: string;
  readonly title: string;
  readonly why: string;
  readonly confirm: string;
  readonly color?: string;
  readonly testIds: { readonly open: string; readonly confirm: string; readonly cancel?: string };
  readonly act: () => Promise<unknown>;
  readonly onDone: () => void;
}

/** A button for what cannot be undone: it asks first, "Cancel" has the focus, and a failure is told in the dialog. */
export function ConfirmAction({ label, of, title, why, confirm, color, testIds, act, onDone }: ConfirmActionProps) {
  const { words, local } = useSpeech();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);

  const ask = () => {
    setFailure(null);
    setAsking(true);
  };
  const confirmed = () => {
    setBusy(true);
    setFailure(null);
    act()
      .then(() => {
        setAsking(false);
        onDone();
      }, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={ask} data-testid={testIds.open} aria-label={`${label} ${of}`}>
        {label}
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={title}>
        <p>{why}</p>
        <p className="failure" role="alert">{failure && problemText(failure, words, local)}</p>
        <Group>
          <SteadyButton {...(color ? { color } : {})} off={busy} onClick={confirmed} data-testid={testIds.confirm}>
            {confirm}
          </SteadyButton>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus data-testid={testIds.cancel}>
            {words.common.cancel}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
