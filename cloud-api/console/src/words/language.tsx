/** The chosen language, switchable at any time; kept in the browser, at first the one of the user's account. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { LocalText } from '../api/types';
import { en, type Words } from './en';
import { zh } from './zh';

export type Language = 'zh' | 'en';

const DICTIONARIES: Record<Language, Words> = { zh, en };
const KEY = 'tocsin.language';

interface Speech {
  readonly language: Language;
  readonly locale: string;
  readonly words: Words;
  /** A text that came with the data. */
  readonly local: (text: LocalText | null | undefined) => string;
  readonly speak: (language: Language) => void;
  /** The account's language, unless this browser already chose one. */
  readonly suggest: (language: string | null | undefined) => void;
}

const SpeechContext = createContext<Speech | null>(null);

function initial(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === 'zh' || kept === 'en') {
    return kept;
  }
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(initial);
  const speech = useMemo<Speech>(
    () => ({
      language,
      locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      words: DICTIONARIES[language],
      local: (text) => (text ? text[language] : ''),
      speak: (next) => {
        localStorage.setItem(KEY, next);
        setLanguage(next);
      },
      suggest: (account) => {
        if (localStorage.getItem(KEY) === null && account) {
          setLanguage(account.toLowerCase().startsWith('zh') ? 'zh' : 'en');
        }
      },
    }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = speech.locale;
    document.title = speech.words.productFull;
  }, [speech]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) {
    throw new Error('no LanguageProvider around');
  }
  return speech;
}
