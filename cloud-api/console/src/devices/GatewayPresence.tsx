import type { Gateway } from '../api/types';
import { PartMark } from '../shell/PartMark';
import { useSpeech } from '../words/language';

const MARK = { online: 'ok', offline: 'dead', unknown: 'unknown' } as const;

export function GatewayPresence({ presence }: { presence: Gateway['presence'] }) {
  const { words } = useSpeech();
  return <span className="device-state"><PartMark state={MARK[presence]} />{words.gateway.presence[presence]}</span>;
}
