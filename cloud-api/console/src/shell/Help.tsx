import { Kbd, Switch, Table } from '@mantine/core';
import { useSpeech } from '../words/language';
import { Dialog } from './Dialog';
import { useShortcutSwitch } from './shortcuts';

export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { words } = useSpeech();
  const { enabled, enable } = useShortcutSwitch();
  const rows: readonly (readonly [string, string])[] = [
    ['j', words.keys.next], ['k', words.keys.previous], ['a', words.keys.acknowledge], ['n', words.keys.fresh],
    ['s', words.keys.silence], ['/', words.keys.search], ['?', words.keys.help], ['Esc', words.keys.escape],
  ];
  return (
    <Dialog opened={opened} onClose={onClose} title={words.keys.title}>
      <div data-testid="help">
        <Switch
          label={words.keys.enabled} checked={enabled} onChange={(event) => enable(event.currentTarget.checked)}
          data-testid="shortcuts-switch" mb="sm"
        />
        <Table verticalSpacing={6}>
          <Table.Tbody>
            {rows.map(([key, text]) => (
              <Table.Tr key={key}>
                <Table.Td w={64}><Kbd>{key}</Kbd></Table.Td>
                <Table.Td>{text}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <p className="muted">{words.keys.hint}</p>
      </div>
    </Dialog>
  );
}
