import { Button, FileInput, Progress, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import type { ApiError } from '../api/client';
import { SteadyButton } from '../shell/SteadyButton';
import { useDesk } from '../shell/desk';
import { Dialog } from '../shell/Dialog';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { MAX_BUNDLE_BYTES, versionIn } from './progress';

export function UploadBundle({ onUploaded }: { onUploaded: () => void }) {
  const { words } = useSpeech();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button className="updates__action" size="compact-sm" onClick={() => setOpen(true)} data-testid="upload-open">
        {words.update.upload}
      </Button>
      <Dialog opened={open} onClose={close} title={words.update.uploadTitle} closeOnClickOutside={false}>
        {open && (
          <Form
            onUploaded={() => {
              close();
              onUploaded();
            }}
          />
        )}
      </Dialog>
    </>
  );
}

function Form({ onUploaded }: { onUploaded: () => void }) {
  const { api } = useDesk();
  const { words, local } = useSpeech();
  const [file, setFile] = useState<File | null>(null);
  const [version, setVersion] = useState('');
  /** Of 0 to 1; null while nothing is on its way. */
  const [sent, setSent] = useState<number | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [abandoned] = useState(() => new AbortController());
  // Closing the dialog ends the upload.
  useEffect(() => () => abandoned.abort(), [abandoned]);
  const tooLarge = file !== null && file.size > MAX_BUNDLE_BYTES;

  const choose = (chosen: File | null) => {
    setFile(chosen);
    setFailure(null);
    setVersion(chosen ? versionIn(chosen.name) : '');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!file || tooLarge) {
      return;
    }
    setSent(0);
    setFailure(null);
    api.upload(`/agent-bundles/${encodeURIComponent(version.trim())}`, file, setSent, abandoned.signal)
      .then(onUploaded, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setSent(null));
  };

  return (
    <form className="updates__form" onSubmit={submit} data-testid="upload-form">
      <FileInput
        label={words.update.file} placeholder={words.update.choose} value={file} onChange={choose} required accept=".bundle"
        error={tooLarge && words.update.tooLarge} data-autofocus data-testid="upload-file"
      />
      <TextInput
        label={words.update.version} description={words.update.versionHint} value={version} required maxLength={64} autoComplete="off"
        data-testid="upload-version" onChange={(event) => setVersion(event.currentTarget.value)}
      />
      {sent !== null && <Progress value={sent * 100} aria-label={words.update.uploadTitle} />}
      <p className="failure" role="alert">{failure && problemText(failure, words, local)}</p>
      <SteadyButton type="submit" off={sent !== null} data-testid="upload-send">{words.update.send}</SteadyButton>
    </form>
  );
}
