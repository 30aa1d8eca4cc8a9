/** Header, strip and the page below them; the strip's height is always taken, so nothing ever moves under a click. */
import { useState, type ReactNode } from 'react';
import { NavLink } from 'react-router';
import { useSpeech } from '../words/language';
import { useDesk } from './desk';
import { BellMark } from './BellMark';
import { Help } from './Help';
import { LanguageSwitch } from './LanguageSwitch';
import { RiverStrip } from './RiverStrip';
import { ShortcutsProvider, useShortcuts } from './shortcuts';
import { SoundControl } from './SoundControl';
import { UserMenu } from './UserMenu';
import './frame.css';

interface FrameProps {
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

export function Frame(props: FrameProps) {
  return (
    <ShortcutsProvider>
      <Framed {...props} />
    </ShortcutsProvider>
  );
}

function Framed({ onSignOut, children }: FrameProps) {
  const { words } = useSpeech();
  const { user } = useDesk();
  const [help, setHelp] = useState(false);
  useShortcuts({ '?': () => setHelp(true) });
  return (
    <div className="frame">
      <header className="header">
        <div className="header__brand">
          <BellMark />
          <span className="header__name">{words.product}</span>
        </div>
        <nav className="header__nav" aria-label={words.nav.label}>
          <NavLink to="/alerts" data-testid="nav-alerts">{words.nav.alerts}</NavLink>
          <NavLink to="/devices" data-testid="nav-devices">{words.nav.devices}</NavLink>
          <NavLink to="/rejected" data-testid="nav-rejected">{words.nav.rejected}</NavLink>
          {user.role === 'ADMINISTRATOR' && <NavLink to="/users" data-testid="nav-users">{words.nav.users}</NavLink>}
        </nav>
        <div className="header__tools">
          <SoundControl />
          <LanguageSwitch />
          <UserMenu onSignOut={onSignOut} onHelp={() => setHelp(true)} />
        </div>
      </header>
      <RiverStrip />
      <main className="frame__page">{children}</main>
      <Help opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
