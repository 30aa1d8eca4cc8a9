import { SegmentedControl } from '@mantine/core';
import { useSpeech, type Language } from '../words/language';

export function LanguageSwitch() {
  const { language, speak, words } = useSpeech();
  return (
    <SegmentedControl
      size="xs" aria-label={words.language} data-testid="language"
      value={language} onChange={(value) => speak(value as Language)}
      data={[{ value: 'zh', label: '中文' }, { value: 'en', label: 'English' }]}
    />
  );
}
