/** The tone of platform trouble on a page that shows no alarms, until somebody is there: a key or a touch ends it. */
import { useEffect } from 'react';
import { WebAudioSpeaker } from './speaker';

export function useKnell(sounds: boolean): void {
  useEffect(() => {
    if (!sounds) {
      return undefined;
    }
    const speaker = new WebAudioSpeaker();
    const quiet = () => speaker.play(null);
    speaker.play('PLATFORM');
    // A page that was touched before may sound; one that was not is told so by the browser.
    speaker.unblock();
    window.addEventListener('pointerdown', quiet);
    window.addEventListener('keydown', quiet);
    return () => {
      speaker.close();
      window.removeEventListener('pointerdown', quiet);
      window.removeEventListener('keydown', quiet);
    };
  }, [sounds]);
}
