import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';

interface SteadyButtonProps extends ButtonProps, Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> {
  readonly off: boolean;
}

/** Does nothing while it is off, and keeps the focus all the same: a browser takes it from what is `disabled`. */
export function SteadyButton({ off, onClick, ...props }: SteadyButtonProps) {
  return (
    <Button
      {...props} data-disabled={off} aria-disabled={off}
      onClick={(event) => {
        if (off) {
          event.preventDefault();
        } else {
          onClick?.(event);
        }
      }}
    />
  );
}
