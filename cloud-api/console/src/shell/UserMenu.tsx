import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Link } from 'react-router';
import { useSpeech } from '../words/language';
import { useDesk } from './desk';

const SCHEMES: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];

export function UserMenu({ onSignOut, onHelp }: { onSignOut: () => void; onHelp: () => void }) {
  const { user } = useDesk();
  const { words } = useSpeech();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={210}>
      <Menu.Target>
        <button
          type="button" className="plain-button user-button" data-testid="user-menu"
          aria-label={`${user.displayName} ${words.role[user.role]}: ${words.user.menu}`}
        >
          <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" fill="currentColor">
            <circle cx="9" cy="6" r="3.5" />
            <path d="M2 16a7 6 0 0 1 14 0z" />
          </svg>
          <span className="user-button__text">
            {user.displayName}
            <span className="user-button__role">{words.role[user.role]}</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.displayName} · {words.role[user.role]}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>{words.user.scheme}</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme} role="menuitemradio" aria-checked={colorScheme === scheme} closeMenuOnClick={false}
            rightSection={colorScheme === scheme ? '✓' : null} onClick={() => setColorScheme(scheme)}
          >
            {words.user.schemes[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={onHelp} rightSection="?">{words.user.shortcuts}</Menu.Item>
        <Menu.Item component={Link} to="/password" data-testid="change-password">{words.user.password}</Menu.Item>
        <Menu.Item onClick={onSignOut} data-testid="sign-out">{words.user.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
