/** Every device, page by page, up to a bound that a browser can carry. */
import { useEffect, useState } from 'react';
import { ApiError } from '../api/client';
import type { Device } from '../api/types';
import { useDesk } from '../shell/desk';

const PAGE = 5000;
const MAX_PAGES = 10;

interface DevicePage {
  readonly devices: Device[];
  readonly total: number;
  readonly next?: string;
}

export interface Devices {
  readonly devices: readonly Device[];
  readonly total: number;
  readonly loading: boolean;
  readonly error: ApiError | null;
}

const NONE: Devices = { devices: [], total: 0, loading: true, error: null };

/** @param text part of the id, the name or the place; empty for all */
export function useDevices(text: string): Devices {
  const { api } = useDesk();
  const [devices, setDevices] = useState<Devices>(NONE);

  useEffect(() => {
    let current = true;
    const load = async () => {
      let all: Device[] = [];
      let after: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const params = new URLSearchParams({ limit: String(PAGE), ...(text ? { q: text } : {}), ...(after ? { after } : {}) });
        const answer = await api.get<DevicePage>(`/devices?${params}`);
        all = [...all, ...answer.devices];
        if (!current) {
          return;
        }
        setDevices({ devices: all, total: answer.total, loading: false, error: null });
        after = answer.next;
        if (!after) {
          return;
        }
      }
    };
    load().catch((error: unknown) => {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      if (current) {
        setDevices({ ...NONE, loading: false, error });
      }
    });
    return () => {
      current = false;
    };
  }, [api, text]);

  return devices;
}
