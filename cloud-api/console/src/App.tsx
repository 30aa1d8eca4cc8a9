/** Who is here decides what is shown: nobody the login, at whatever address, so that it leads back there by itself. */
import { useEffect, useState } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { ApiClient, ApiError } from './api/client';
import type { Session } from './api/types';
import { DeskProvider } from './shell/desk';
import { Frame } from './shell/Frame';
import { Login } from './shell/Login';
import { AlertsPage } from './alerts/AlertsPage';
import { DevicePage } from './devices/DevicePage';
import { DevicesPage } from './devices/DevicesPage';
import { RejectedPage } from './devices/RejectedPage';
import { PasswordPage } from './users/PasswordPage';
import { UsersPage } from './users/UsersPage';
import { useSpeech } from './words/language';

const api = new ApiClient();

type Presence = { state: 'unknown'; away: boolean } | { state: 'out'; expired: boolean } | { state: 'in'; session: Session };

export function App() {
  const [presence, setPresence] = useState<Presence>({ state: 'unknown', away: false });
  const { suggest } = useSpeech();

  const enter = (session: Session) => {
    suggest(session.user.language);
    setPresence({ state: 'in', session });
  };

  useEffect(() => {
    api.onSignedOut(() => setPresence({ state: 'out', expired: true }));
    let timer: ReturnType<typeof setTimeout>;
    const ask = () =>
      api.me().then(enter, (error: unknown) => {
        if (error instanceof ApiError && error.status !== 0 && error.status < 500) {
          setPresence({ state: 'out', expired: false });
        } else {
          // A server that has just started and finds no database does not know the sessions.
          setPresence({ state: 'unknown', away: error instanceof ApiError && error.status === 503 });
          timer = setTimeout(ask, 2000);
        }
      });
    void ask();
    return () => clearTimeout(timer);
    // Once, at the start: entering later is the login's business.
    // eslint-disable-next-line
  }, []);

  if (presence.state === 'unknown') {
    return <Waiting away={presence.away} />;
  }
  if (presence.state === 'out') {
    return <Login api={api} expired={presence.expired} onEnter={enter} />;
  }
  const leave = () => setPresence({ state: 'out', expired: false });
  return (
    <DeskProvider key={presence.session.csrf} api={api} session={presence.session}>
      <Frame onSignOut={() => void api.logout().then(leave, leave)}>
        <Routes>
          <Route path="/alerts/:id?" element={<AlertsPage />} />
          <Route path="/devices" element={<DevicesPage />} />
          <Route path="/devices/:id" element={<DevicePage />} />
          <Route path="/rejected" element={<RejectedPage />} />
          <Route path="/password" element={<PasswordPage />} />
          {presence.session.user.role === 'ADMINISTRATOR' && <Route path="/users" element={<UsersPage />} />}
          <Route path="*" element={<Navigate to="/alerts" replace />} />
        </Routes>
      </Frame>
    </DeskProvider>
  );
}

function Waiting({ away }: { away: boolean }) {
  const { words } = useSpeech();
  return (
    <main className="waiting" role="status">
      {away ? words.login.waiting : words.strip.connecting}
    </main>
  );
}
