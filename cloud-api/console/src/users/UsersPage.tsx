/** Who may log in, for the administrator: a table, and beside it the form for a new user or the chosen one. */
import { Button, Table } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../alerts/EmptyList';
import type { UserEntry } from '../api/types';
import { useResource } from '../api/useResource';
import { dateTime } from '../words/format';
import { useSpeech } from '../words/language';
import { problemText } from '../words/problem';
import { UserForm } from './UserForm';
import '../devices/devices.css';
import './users.css';

export function UsersPage() {
  const { words, locale, local } = useSpeech();
  const { value, error, reload } = useResource<{ users: UserEntry[] }>('/users');
  const [chosen, setChosen] = useState<UserEntry | null>(null);
  const [saved, setSaved] = useState('');
  const choose = (user: UserEntry | null) => {
    setChosen(user);
    setSaved('');
  };
  return (
    <div className="page page--scroll" data-testid="users-page">
      <header className="page__head">
        <h1>{words.users.title}</h1>
        <Button className="users__new" size="compact-sm" onClick={() => choose(null)} data-testid="new-user">{words.users.create}</Button>
      </header>
      {error && !value ? (
        <Notice title={words.users.failed} why={problemText(error, words, local)}>
          <Button size="xs" onClick={reload}>{words.common.retry}</Button>
        </Notice>
      ) : (
        <div className="users">
          <Table.ScrollContainer minWidth={560}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.users.name}</Table.Th>
                  <Table.Th>{words.users.displayName}</Table.Th>
                  <Table.Th>{words.users.role}</Table.Th>
                  <Table.Th>{words.users.state}</Table.Th>
                  <Table.Th>{words.users.lastLogin}</Table.Th>
                  <Table.Th><span className="sr-only">{words.users.edit}</span></Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {(value?.users ?? []).map((user) => (
                  <Table.Tr key={user.name} data-testid="user-row" data-user={user.name}>
                    <Table.Td className="mono">{user.name}</Table.Td>
                    <Table.Td>{user.displayName}</Table.Td>
                    <Table.Td>{words.role[user.role]}</Table.Td>
                    <Table.Td className={user.active ? '' : 'muted'}>{user.active ? words.users.active : words.users.inactive}</Table.Td>
                    <Table.Td className="tabular">{user.lastLoginAt ? dateTime(locale, user.lastLoginAt) : words.device.never}</Table.Td>
                    <Table.Td>
                      <Button size="compact-xs" variant="default" onClick={() => choose(user)} data-testid={`edit-${user.name}`}>
                        {words.users.edit}
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <UserForm
            key={`${chosen?.name ?? ''} ${saved}`} user={chosen} saved={saved}
            onSaved={(name) => {
              setChosen(null);
              setSaved(name);
              reload();
            }}
          />
        </div>
      )}
    </div>
  );
}
