/**
 * Whether the pointer or the keyboard's focus is in an element. A click of the mouse leaves the focus behind when the
 * pointer goes; that alone holds nothing, or one click would stop the list for the rest of the shift. A finger that goes
 * up is a pointer that leaves: the list stays held for some seconds, for the eye and the next tap.
 */
import { useEffect, useState, type RefObject } from 'react';

const CHECK_MS = 1000;
const TOUCH_MS = 5_000;

export function useHold(element: RefObject<HTMLElement | null>): boolean {
  const [pointer, setPointer] = useState(false);
  const [keyboard, setKeyboard] = useState(false);

  useEffect(() => {
    const node = element.current;
    if (!node) {
      return undefined;
    }
    const hasFocus = () => node.contains(document.activeElement);
    let lifted: ReturnType<typeof setTimeout> | undefined;
    const enter = () => {
      clearTimeout(lifted);
      setPointer(true);
    };
    const leave = (event: PointerEvent) => {
      clearTimeout(lifted);
      if (event.pointerType === 'touch') {
        lifted = setTimeout(() => setPointer(false), TOUCH_MS);
      } else {
        setPointer(false);
      }
    };
    const byMouse = () => setKeyboard(false);
    const byKey = () => setKeyboard(hasFocus());
    node.addEventListener('pointerenter', enter);
    node.addEventListener('pointermove', enter);
    node.addEventListener('pointerleave', leave);
    node.addEventListener('pointerdown', byMouse);
    window.addEventListener('keyup', byKey);
    window.addEventListener('focusout', byKey);
    // A focused button that disappears tells nobody.
    const timer = setInterval(() => setKeyboard((held) => held && hasFocus()), CHECK_MS);
    return () => {
      node.removeEventListener('pointerenter', enter);
      node.removeEventListener('pointermove', enter);
      node.removeEventListener('pointerleave', leave);
      node.removeEventListener('pointerdown', byMouse);
      window.removeEventListener('keyup', byKey);
      window.removeEventListener('focusout', byKey);
      clearInterval(timer);
      clearTimeout(lifted);
    };
  }, [element]);

  return pointer || keyboard;
}
