import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'react-router';
import { ApiError, type ApiClient } from '../api/client';
import type { Session } from '../api/types';
import { useSpeech } from '../words/language';
import { useKnell } from '../sound/useKnell';
import { problemText } from '../words/problem';
import { BellMark } from './BellMark';
import { LanguageSwitch } from './LanguageSwitch';
import './login.css';

interface LoginProps {
  readonly api: ApiClient;
  /** Whether a session ended while the page was open. */
  readonly expired: boolean;
  readonly onEnter: (session: Session) => void;
}

export function Login({ api, expired, onEnter }: LoginProps) {
  const { words, local } = useSpeech();
  const { pathname } = useLocation();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);

  useKnell(expired);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    api
      .login(user.trim(), password)
      .then(onEnter, (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };

  const hint = expired ? words.login.expired : pathname.length > '/alerts'.length ? words.login.returning : '';
  return (
    <main className="login">
      <div className="login__language">
        <LanguageSwitch />
      </div>
      <form className="login__form" onSubmit={submit} data-testid="login-form" aria-labelledby="login-title">
        <div className="login__brand">
          <BellMark />
          <h1 id="login-title">{words.productFull}</h1>
        </div>
        <p className="login__hint muted">{hint}</p>
        <TextInput
          label={words.login.user} name="username" autoComplete="username" autoFocus required withAsterisk={false}
          value={user} onChange={(event) => setUser(event.currentTarget.value)} data-testid="login-user"
        />
        <PasswordInput
          label={words.login.password} name="password" autoComplete="current-password" required withAsterisk={false}
          value={password} onChange={(event) => setPassword(event.currentTarget.value)} data-testid="login-password"
        />
        <p className="login__failure" role="alert" data-testid="login-failure">
          {failure && loginFailure(failure, words.login, problemText(failure, words, local))}
        </p>
        <Button type="submit" fullWidth loading={busy} data-testid="login-submit">
          {words.login.submit}
        </Button>
      </form>
    </main>
  );
}

function loginFailure(error: ApiError, words: { wrong: string; throttled: string }, other: string): string {
  switch (error.status) {
    case 401:
      return words.wrong;
    case 429:
      return words.throttled;
    default:
      return other;
  }
}
