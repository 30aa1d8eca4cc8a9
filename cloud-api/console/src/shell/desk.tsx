/** What one signed-in officer works with; made at the sign-in, ended at the sign-out. Nothing in it is React state. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Acknowledging, type Acknowledgements } from '../alerts/acknowledging';
import type { ApiClient } from '../api/client';
import type { Session, User } from '../api/types';
import { LiveConnection, type Socket } from '../live/connection';
import { LiveStore, type LiveState } from '../live/store';
import { silenceOf, SoundBoard, type SoundState } from '../sound/soundBoard';
import { WebAudioSpeaker } from '../sound/speaker';

export interface Desk {
  readonly api: ApiClient;
  readonly user: User;
  readonly store: LiveStore;
  readonly acknowledging: Acknowledging;
  readonly sound: SoundBoard;
  readonly mayAcknowledge: boolean;
  /** Server's time, ms, at which the session ends whatever is done. */
  readonly endsAtMs: number;
}

const DeskContext = createContext<Desk | null>(null);

function makeDesk(api: ApiClient, { user, endsAt }: Session): Desk {
  const store = new LiveStore();
  return {
    api,
    user,
    store,
    acknowledging: new Acknowledging(api, store),
    sound: new SoundBoard(store, new WebAudioSpeaker(), silenceOf(user.name, localStorage)),
    mayAcknowledge: user.role !== 'CREW',
    endsAtMs: Date.parse(endsAt),
  };
}

function liveUrl(seq: number | null): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/api/v1/live${seq === null ? '' : `?seq=${seq}`}`;
}

export function DeskProvider({ api, session, children }: { api: ApiClient; session: Session; children: ReactNode }) {
  const [desk] = useState(() => makeDesk(api, session));

  useEffect(() => {
    const connection = new LiveConnection({
      store: desk.store,
      open: (seq) => new WebSocket(liveUrl(seq)) as Socket,
      now: () => performance.now(),
      // A refused upgrade says nothing of why; an ordinary request does.
      onRefused: () => void api.get('/me').catch(() => {}),
    });
    const ticker = new Worker(new URL('../live/ticker.worker.ts', import.meta.url), { type: 'module' });
    ticker.onmessage = () => {
      connection.tick();
      desk.sound.judge();
    };
    const touched = () => desk.sound.unblock();
    window.addEventListener('pointerdown', touched);
    window.addEventListener('keydown', touched);
    connection.start();
    return () => {
      connection.stop();
      ticker.terminate();
      desk.sound.stop();
      window.removeEventListener('pointerdown', touched);
      window.removeEventListener('keydown', touched);
    };
  }, [api, desk]);

  return <DeskContext value={desk}>{children}</DeskContext>;
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) {
    throw new Error('no DeskProvider around');
  }
  return desk;
}

export function useLive(): LiveState {
  const { store } = useDesk();
  return useSyncExternalStore(store.subscribe, store.state);
}

export function useSound(): SoundState {
  const { sound } = useDesk();
  return useSyncExternalStore(sound.subscribe, sound.state);
}

export function useAcknowledgements(): Acknowledgements {
  const { acknowledging } = useDesk();
  return useSyncExternalStore(acknowledging.subscribe, acknowledging.state);
}

/** The server's time, renewed every second. */
export function useServerNow(): number {
  const { store } = useDesk();
  const [now, setNow] = useState(() => store.clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(store.clock.now()), 1000);
    return () => clearInterval(timer);
  }, [store]);
  return now;
}
