/** The own password; every other session of the user ends with the change. */
import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError } from '../api/client';
import { useDesk } from '../shell/desk';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { MIN_PASSWORD } from './userRules';
import '../devices/devices.css';
import './users.css';

export function PasswordPage() {
  const { api, user } = useDesk();
  const { words, local } = useSpeech();
  const [oldPassword, setOld] = useState('');
  const [newPassword, setNew] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ done: boolean; text: string }>({ done: true, text: '' });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (newPassword !== again) {
      setOutcome({ done: false, text: words.users.passwordsDiffer });
      return;
    }
    setBusy(true);
    api.post('/me/password', { oldPassword, newPassword }).then(
      () => {
        [setOld, setNew, setAgain].forEach((set) => set(''));
        setOutcome({ done: true, text: words.users.passwordChanged });
      },
      (error: unknown) => {
        const failed = error as ApiError;
        const wrong = failed.code === 'wrong_credentials';
        setOutcome({ done: false, text: wrong ? words.users.oldPasswordWrong : problemText(failed, words, local) });
      },
    ).finally(() => setBusy(false));
  };

  return (
    <div className="page page--scroll" data-testid="password-page">
      <header className="page__head"><h1>{words.user.password}</h1></header>
      <form className="users__form users__form--alone" onSubmit={submit}>
        <input type="hidden" name="username" autoComplete="username" value={user.name} readOnly />
        <PasswordInput
          label={words.users.oldPassword} value={oldPassword} required maxLength={256} autoComplete="current-password"
          data-testid="old-password" onChange={(event) => setOld(event.currentTarget.value)}
        />
        <PasswordInput
          label={words.users.newPassword} description={words.users.passwordHint} value={newPassword} required minLength={MIN_PASSWORD}
          maxLength={256} autoComplete="new-password" data-testid="new-password" onChange={(event) => setNew(event.currentTarget.value)}
        />
        <PasswordInput
          label={words.users.newPasswordAgain} value={again} required maxLength={256} autoComplete="new-password"
          data-testid="new-password-again" onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <p className={outcome.done ? 'muted' : 'failure'} role="alert" data-testid="password-outcome">{outcome.text}</p>
        <Button type="submit" loading={busy} data-testid="password-save">{words.users.save}</Button>
      </form>
    </div>
  );
}
