import { Button, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError } from '../api/client';
import type { Role, UserEntry } from '../api/types';
import { useDesk } from '../shell/desk';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { MIN_PASSWORD, NAME } from './userRules';

const ROLES: readonly Role[] = ['DUTY_OFFICER', 'CREW', 'ADMINISTRATOR'];

interface UserFormProps {
  /** Null for a new one. */
  readonly user: UserEntry | null;
  /** Who was saved last; empty for nobody. */
  readonly saved: string;
  readonly onSaved: (name: string) => void;
}

export function UserForm({ user, saved, onSaved }: UserFormProps) {
  const { api } = useDesk();
  const { words, local, locale } = useSpeech();
  const [name, setName] = useState(user?.name ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [role, setRole] = useState<Role>(user?.role ?? 'DUTY_OFFICER');
  const [language, setLanguage] = useState<'zh-CN' | 'en'>(user?.language ?? (locale === 'zh-CN' ? 'zh-CN' : 'en'));
  const [active, setActive] = useState(user?.active ?? true);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const body = { displayName: displayName.trim(), role, language, active, ...(password ? { password } : {}) };
    api.put(`/users/${encodeURIComponent(name)}`, body)
      .then(() => onSaved(name), (error: unknown) => setFailure(error as ApiError))
      .finally(() => setBusy(false));
  };

  return (
    <form className="users__form" onSubmit={submit} data-testid="user-form">
      <h2>{user ? words.users.change(user.name) : words.users.create}</h2>
      <TextInput
        label={words.users.name} description={words.users.nameHint} value={name} required disabled={user !== null}
        pattern={NAME} maxLength={40} autoComplete="off" data-testid="user-name"
        onChange={(event) => setName(event.currentTarget.value.toLowerCase())}
      />
      <TextInput
        label={words.users.displayName} value={displayName} required maxLength={100} autoComplete="off" data-testid="user-display-name"
        onChange={(event) => setDisplayName(event.currentTarget.value)}
      />
      <NativeSelect
        label={words.users.role} value={role} data-testid="user-role" onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={ROLES.map((each) => ({ value: each, label: words.role[each] }))}
      />
      <NativeSelect
        label={words.language} value={language} onChange={(event) => setLanguage(event.currentTarget.value as 'zh-CN' | 'en')}
        data={[{ value: 'zh-CN', label: '中文' }, { value: 'en', label: 'English' }]}
      />
      <PasswordInput
        label={words.login.password} description={user ? words.users.passwordKept : words.users.passwordHint} value={password}
        required={user === null} minLength={MIN_PASSWORD} maxLength={256} autoComplete="new-password" data-testid="user-password"
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Switch
        label={words.users.active} checked={active} data-testid="user-active"
        onChange={(event) => setActive(event.currentTarget.checked)}
      />
      <p className="failure" role="alert">{failure && problemText(failure, words, local)}</p>
      <p className="muted" role="status" data-testid="user-saved">{saved && words.users.saved(saved)}</p>
      <Button type="submit" loading={busy} data-testid="user-save">{words.users.save}</Button>
    </form>
  );
}
