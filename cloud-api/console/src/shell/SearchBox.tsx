/** A search whose text is in the URL. While it has the focus it keeps the text itself: the URL follows later, and would
    lose letters. */
import { TextInput } from '@mantine/core';
import { useState, type Ref } from 'react';

interface SearchBoxProps {
  readonly ref: Ref<HTMLInputElement>;
  readonly className: string;
  readonly value: string;
  readonly label: string;
  readonly testId: string;
  readonly onChange: (text: string) => void;
}

export function SearchBox({ ref, className, value, label, testId, onChange }: SearchBoxProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      ref={ref} className={className} size="xs" type="search" value={typed ?? value} placeholder={label} aria-label={label}
      maxLength={100} data-testid={testId}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(event.currentTarget.value);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
