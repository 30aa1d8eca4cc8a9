import { Button, type ButtonProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useSpeech } from '../words/language';

const SAID_MS = 2_000;

interface CopyActionProps extends ButtonProps {
  readonly text: string;
  readonly label?: string;
}

/** Copies a text, and says whether it did. */
export function CopyAction({ text, label, ...button }: CopyActionProps) {
  const { words } = useSpeech();
  const [outcome, setOutcome] = useState<'copied' | 'notCopied' | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setOutcome(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  return (
    <Button {...button} data-testid="copy" onClick={() => void copy(text).then((done) => setOutcome(done ? 'copied' : 'notCopied'))}>
      <span role="status">{outcome ? words.common[outcome] : (label ?? words.common.copy)}</span>
    </Button>
  );
}

/** A page that came over plain HTTP from another machine has no clipboard; there the browser's own command copies. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', put);
  // The command wants something selected, whatever it is.
  getSelection()?.selectAllChildren(document.body);
  try {
    return document.execCommand('copy');
  } finally {
    getSelection()?.removeAllRanges();
    document.removeEventListener('copy', put);
  }
}
