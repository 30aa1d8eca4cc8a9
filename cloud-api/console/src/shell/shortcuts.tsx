/** Single keys as commands. They can be switched off (WCAG 2.1.4) and do nothing while somebody types. */
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

const KEY = 'tocsin.shortcuts';

interface Shortcuts {
  readonly enabled: boolean;
  readonly enable: (enabled: boolean) => void;
}

const ShortcutsContext = createContext<Shortcuts>({ enabled: true, enable: () => {} });

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [enabled, setEnabled] = useState(() => localStorage.getItem(KEY) !== 'off');
  const shortcuts = useMemo<Shortcuts>(
    () => ({
      enabled,
      enable: (next) => {
        localStorage.setItem(KEY, next ? 'on' : 'off');
        setEnabled(next);
      },
    }),
    [enabled],
  );
  return <ShortcutsContext value={shortcuts}>{children}</ShortcutsContext>;
}

export function useShortcutSwitch(): Shortcuts {
  return useContext(ShortcutsContext);
}

/** Keys as `KeyboardEvent.key`; Escape works even in a field and when the others are off. */
export function useShortcuts(commands: Readonly<Record<string, () => void>>): void {
  const { enabled } = useShortcutSwitch();
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const command = latest.current[event.key];
      if (!command || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
        || isElsewhere(event.target)) {
        return;
      }
      if (event.key !== 'Escape' && (!enabled || isTyping(event.target))) {
        return;
      }
      event.preventDefault();
      command();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [enabled]);
}

/** A dialog or an open menu has keys of its own. */
function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=dialog], [role=menu]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
