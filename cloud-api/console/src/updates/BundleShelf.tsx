import { Table } from '@mantine/core';
import type { AgentBundle } from '../api/types';
import { useDesk } from '../shell/desk';
import { dateTime, megabytes } from '../words/format';
import { useSpeech } from '../words/language';
import { RemoveBundle } from './RemoveBundle';
import { UploadBundle } from './UploadBundle';

interface BundleShelfProps {
  readonly bundles: readonly AgentBundle[];
  readonly onChange: () => void;
}

export function BundleShelf({ bundles, onChange }: BundleShelfProps) {
  const { words, locale } = useSpeech();
  const { user } = useDesk();
  const mayChange = user.role === 'ADMINISTRATOR';
  return (
    <section className="cards" aria-label={words.update.bundles}>
      <header className="updates__head">
        <h2>{words.update.bundles}</h2>
        <span className="muted">{bundles.length > 0 ? words.update.bundlesWhy : words.update.noBundles}</span>
        {mayChange && <UploadBundle onUploaded={onChange} />}
      </header>
      {bundles.length > 0 && (
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.update.version}</Table.Th>
              <Table.Th>{words.update.from}</Table.Th>
              <Table.Th>{words.update.size}</Table.Th>
              <Table.Th>{words.update.uploaded}</Table.Th>
              {mayChange && <Table.Th><span className="sr-only">{words.update.remove}</span></Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bundles.map((bundle) => (
              <Table.Tr key={bundle.version} data-testid="bundle-row" data-version={bundle.version}>
                <Table.Td><strong>{bundle.version}</strong></Table.Td>
                <Table.Td data-label={words.update.from}>
                  {words.update.fromOn(bundle.from)}{bundle.allowDowngrade && ` · ${words.update.downgrade}`}
                </Table.Td>
                <Table.Td className="tabular" data-label={words.update.size}>{megabytes(bundle.size)}</Table.Td>
                <Table.Td className="tabular" data-label={words.update.uploaded}>
                  {dateTime(locale, bundle.at)} <span className="muted">{bundle.displayName}</span>
                </Table.Td>
                {mayChange && <Table.Td><RemoveBundle version={bundle.version} onRemoved={onChange} /></Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
