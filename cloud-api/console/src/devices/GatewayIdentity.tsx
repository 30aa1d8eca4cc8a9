/** A gateway's certificate; for the administrator also a token to enrol it with, and its revocation. */
import { Group } from '@mantine/core';
import { useState } from 'react';
import type { ApiError } from '../api/client';
import type { EnrolmentToken, Gateway, Identity } from '../api/types';
import { SteadyButton } from '../shell/SteadyButton';
import { ConfirmAction } from '../shell/ConfirmAction';
import { CopyAction } from '../shell/CopyAction';
import { useDesk } from '../shell/desk';
import { Dialog } from '../shell/Dialog';
import { PartMark } from '../shell/PartMark';
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
  const { user } = useDesk();
  const { words, locale } = useSpeech();
  return (
    <>
      <IdentityState identity={identity} />
      {identity?.tokenExpiresAt && <div className="muted">{words.identity.waiting(dateTime(locale, identity.tokenExpiresAt))}</div>}
      {user.role === 'ADMINISTRATOR' && (
        <Group gap={4} mt={2} align="flex-start">
          <TokenAction gateway={gateway} onChange={onChange} />
          <RevokeAction gateway={gateway} onChange={onChange} />
        </Group>
      )}
    </>
  );
}

const MARK = { none: 'unknown', enrolled: 'ok', expired: 'dead', revoked: 'dead' } as const;

function IdentityState({ identity }: { identity: Identity | undefined }) {
  const { words, locale } = useSpeech();
  if (!identity) {
    return <span data-testid="identity">–</span>;
  }
  const revoked = identity.state === 'revoked';
  const at = revoked ? identity.revokedAt : identity.certificate?.notAfter;
  return (
    <span className="device-state device-state--long" data-testid="identity" data-state={identity.state}>
      <PartMark state={MARK[identity.state]} />
      {words.identity.states[identity.state]}{at && ` ${dateTime(locale, at)}`}{revoked && ` · ${identity.revokedBy}`}
    </span>
  );
}

interface ActionProps {
  readonly gateway: Gateway;
  readonly onChange: () => void;
}

function TokenAction({ gateway, onChange }: ActionProps) {
  const { api } = useDesk();
  const { words, locale, local } = useSpeech();
  const [token, setToken] = useState<EnrolmentToken | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);

  const make = () => {
    setBusy(true);
    setFailure(null);
    api.post<EnrolmentToken>(`/gateways/${encodeURIComponent(gateway.id)}/enrolment-token`)
      .then((made) => {
        setToken(made);
        onChange();
      }, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <SteadyButton
        size="compact-xs" variant="default" off={busy} onClick={make} data-testid="make-token"
        aria-label={`${words.identity.makeToken} ${gateway.name}`}
      >
        {words.identity.makeToken}
      </SteadyButton>
      <p className="failure" role="alert">{failure && problemText(failure, words, local)}</p>
      <Dialog
        opened={token !== null} onClose={() => setToken(null)} size="lg" title={words.identity.tokenTitle(gateway.name)}
        closeOnClickOutside={false}
      >
        {token && (
          <>
            <p>{words.identity.tokenWhy(dateTime(locale, token.expiresAt))}</p>
            <pre className="gateway__enrol" data-testid="enrol-command">{token.command}</pre>
            <CopyAction text={token.command} size="xs" data-autofocus />
          </>
        )}
      </Dialog>
    </>
  );
}

function RevokeAction({ gateway, onChange }: ActionProps) {
  const { api } = useDesk();
  const { words } = useSpeech();
  return (
    <ConfirmAction
      label={words.identity.revoke} of={gateway.name} title={words.identity.revokeTitle(gateway.name)}
      why={words.identity.revokeWhy} confirm={words.identity.confirm} color="red.9"
      testIds={{ open: 'revoke', confirm: 'confirm-revoke', cancel: 'cancel-revoke' }}
      act={() => api.post<Identity>(`/gateways/${encodeURIComponent(gateway.id)}/revoke`)} onDone={onChange}
    />
  );
}
