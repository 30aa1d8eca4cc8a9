import { beforeEach, describe, expect, it } from 'vitest';
import { ServerClock } from '../live/serverClock';
import { LiveStore } from '../live/store';
import { anAlert, aRiver, at, beat, BY_LI, changes, snapshot } from '../live/testing';
import { SILENCE_MS, SoundBoard, type Silence } from './soundBoard';
import type { Speaker } from './speaker';
import { PATTERNS, samples, type Sounding } from './tones';

class FakeSpeaker implements Speaker {
  blocked = false;
  readonly supported = true;
  playing: Sounding | null = null;
  onChange: () => void = () => {};

  play(tone: Sounding | null): void {
    this.playing = tone;
  }

  unblock(): void {
    this.blocked = false;
    this.onChange();
  }
}

describe('the sound', () => {
  let nowMs: number;
  let store: LiveStore;
  let speaker: FakeSpeaker;
  let kept: Silence | null;
  let board: SoundBoard;

  const newBoard = () =>
    new SoundBoard(store, speaker, { read: () => kept, write: (silence) => (kept = silence) });

  beforeEach(() => {
    nowMs = 0;
    kept = null;
    store = new LiveStore(new ServerClock(() => nowMs));
    speaker = new FakeSpeaker();
    board = newBoard();
    store.receive(snapshot(1, []));
  });

  it('starts within the message that brings the alarm', () => {
    store.receive(changes(2, anAlert('a', { severity: 'CRITICAL' })));
    expect(speaker.playing).toBe('CRITICAL');
  });

  it('goes on until no alarm of the class is unacknowledged, then to the next class', () => {
    store.receive(changes(2, anAlert('a', { severity: 'CRITICAL' }), anAlert('b', { severity: 'CRITICAL' }), anAlert('c')));
    store.receive(changes(3, anAlert('a', { severity: 'CRITICAL', acknowledged: BY_LI })));
    expect(speaker.playing).toBe('CRITICAL');
    store.receive(changes(4, anAlert('b', { severity: 'CRITICAL', acknowledged: BY_LI })));
    expect(speaker.playing).toBe('MAJOR');
    store.receive(changes(5, anAlert('c', { acknowledged: BY_LI })));
    expect(speaker.playing).toBeNull();
  });

  it('is not made by drills, tests, or what came late and is over', () => {
    store.receive(changes(2, anAlert('a', { drill: true }), anAlert('b', { kind: 'TEST' }),
      anAlert('c', { late: true, state: 'CLEARED', cleared: at(1) })));
    expect(speaker.playing).toBeNull();
  });

  it('is silenced for two minutes without acknowledging anything', () => {
    store.receive(changes(2, anAlert('a')));
    board.silence();
    expect(speaker.playing).toBeNull();
    expect(board.state().due).toBe('MAJOR');
    nowMs += SILENCE_MS - 1;
    board.judge();
    expect(speaker.playing).toBeNull();
    nowMs += 1;
    board.judge();
    expect(speaker.playing).toBe('MAJOR');
  });

  it('comes back for every new alarm, also one of the same class or a lesser one', () => {
    store.receive(changes(2, anAlert('a')));
    for (const [seq, severity] of [[3, 'MAJOR'], [4, 'MINOR'], [5, 'CRITICAL']] as const) {
      board.silence();
      store.receive(changes(seq, anAlert('a', { revision: seq, value: 60 + seq })));
      expect(speaker.playing).toBeNull();
      store.receive(changes(seq, anAlert(`new-${seq}`, { severity })));
      expect(speaker.playing).not.toBeNull();
    }
  });

  it('comes back when a silenced alarm gets worse, or its acknowledgement no longer covers it', () => {
    store.receive(changes(2, anAlert('a'), anAlert('b', { acknowledged: BY_LI })));
    board.silence();
    store.receive(changes(3, anAlert('a', { revision: 3, severity: 'CRITICAL' })));
    expect(speaker.playing).toBe('CRITICAL');
    board.silence();
    store.receive(changes(4, anAlert('b', { revision: 4, acknowledged: null })));
    expect(speaker.playing).toBe('CRITICAL');
  });

  it('comes back when the platform fails meanwhile', () => {
    store.receive(changes(2, anAlert('a', { severity: 'MINOR' })));
    board.silence();
    store.receive(beat(3, aRiver({ state: 'dead' })));
    expect(speaker.playing).toBe('PLATFORM');
  });

  it('stays silent over a reload of the page', () => {
    store.receive(changes(2, anAlert('a')));
    board.silence();
    board = newBoard();
    board.judge();
    expect(speaker.playing).toBeNull();
  });

  it('is switched on again at once', () => {
    store.receive(changes(2, anAlert('a')));
    board.silence();
    board.resume();
    expect(speaker.playing).toBe('MAJOR');
  });

  it('says that a part of the platform is dead, and that the connection is lost', () => {
    store.receive(beat(2, aRiver({ state: 'dead', parts: [{ part: 'alarmJob', state: 'dead', detail: { en: '', zh: '' } }] })));
    expect(speaker.playing).toBe('PLATFORM');
    store.receive(beat(3));
    expect(speaker.playing).toBeNull();
    store.setLink('lost');
    board.judge();
    expect(speaker.playing).toBe('PLATFORM');
  });

  it('gives a critical or major alarm precedence over trouble of the platform', () => {
    store.receive(beat(2, aRiver({ state: 'dead' })));
    store.receive(changes(3, anAlert('a', { severity: 'MINOR' })));
    expect(speaker.playing).toBe('PLATFORM');
    store.receive(changes(4, anAlert('b', { severity: 'MAJOR' })));
    expect(speaker.playing).toBe('MAJOR');
  });

  it('says that the browser blocks it, until the page is touched', () => {
    speaker.blocked = true;
    board.judge();
    expect(board.state().blocked).toBe(true);
    board.unblock();
    expect(board.state().blocked).toBe(false);
  });
});

describe('the tones', () => {
  it('are told apart by rhythm, repeat sooner the worse they are, and never clip', () => {
    const severities = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING', 'INFO'] as const;
    const repeats = severities.map((severity) => PATTERNS[severity].everyMs);
    expect([...repeats].sort((a, b) => a - b)).toEqual(repeats);
    for (const severity of severities) {
      const wave = samples(PATTERNS[severity], 8000);
      const peak = wave.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(peak).toBeGreaterThan(0.1);
      expect(peak).toBeLessThanOrEqual(1);
    }
  });
});
