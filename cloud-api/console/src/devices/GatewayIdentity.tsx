/** A gateway's certificate; for the administrator also a token to enrol it with, and its revocation. */
import { Button, Code, CopyButton, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../api/client';
import type { EnrolmentToken, Gateway, Identity } from '../api/types';
import { useDesk } from '../shell/desk';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';

interface GatewayIdentityProps {
  readonly gateway: Gateway;
  /** Undefined while it is not known. */
  readonly identity: Identity | undefined;
  readonly onChange: () => void;
}

export function GatewayIdentity({ gateway, identity, onChange }: GatewayIdentityProps) {
  const { api, user } = useDesk();
  const { words, locale, local } = useSpeech();
  const [token, setToken] = useState<EnrolmentToken | null>(null);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const path = `/gateways/${encodeURIComponent(gateway.id)}`;

  const act = (work: Promise<void>) => {
    setBusy(true);
    setFailure(null);
    work.then(onChange, (error: unknown) => setFailure(error as ApiError)).finally(() => setBusy(false));
  };
  const makeToken = () => act(api.post<EnrolmentToken>(`${path}/enrolment-token`).then(setToken));
  const revoke = () => act(api.post<Identity>(`${path}/revoke`).then(() => setAsking(false)));

  return (
    <>
      <span data-testid="identity" data-state={identity?.state}>
        {identity ? words.identity.states[identity.state] : '–'}
        {identity?.certificate && ` ${dateTime(locale, identity.certificate.notAfter)}`}
      </span>
      {identity?.tokenExpiresAt && <div className="muted">{words.identity.waiting(dateTime(locale, identity.tokenExpiresAt))}</div>}
      {user.role === 'ADMINISTRATOR' && (
        <Group gap={4} mt={2}>
          <Button size="compact-xs" variant="default" loading={busy && !asking} onClick={makeToken} data-testid="make-token">
            {words.identity.makeToken}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => setAsking(true)} data-testid="revoke">
            {words.identity.revoke}
          </Button>
        </Group>
      )}
      {failure && <p role="alert">{problemText(failure, words, local)}</p>}
      <Modal
        opened={token !== null} onClose={() => setToken(null)} size="lg" title={words.identity.tokenTitle(gateway.name)}
        closeButtonProps={{ 'aria-label': words.common.close }} closeOnClickOutside={false}
      >
        {token && (
          <>
            <p>{words.identity.tokenWhy(dateTime(locale, token.expiresAt))}</p>
            <Code block data-testid="enrol-command">{token.command}</Code>
            <CopyButton value={token.command}>
              {({ copied, copy }) => (
                <Button mt="sm" size="xs" onClick={copy}>{copied ? words.identity.copied : words.identity.copy}</Button>
              )}
            </CopyButton>
          </>
        )}
      </Modal>
      <Modal
        opened={asking} onClose={() => setAsking(false)} title={words.identity.revokeTitle(gateway.name)}
        closeButtonProps={{ 'aria-label': words.common.close }}
      >
        <p>{words.identity.revokeWhy}</p>
        <Group>
          <Button color="red" loading={busy} onClick={revoke} data-testid="confirm-revoke">{words.identity.confirm}</Button>
          <Button variant="default" onClick={() => setAsking(false)}>{words.identity.cancel}</Button>
        </Group>
      </Modal>
    </>
  );
}
