import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useDevices } from '../devices/useDevices';
import type { LiveAlert } from '../live/alert';
import { useLive } from '../shell/desk';
import { useSpeech } from '../words/language';
import type { AlertMapProps } from './AlertMap';
import { DistrictMap } from './districtMap';
import { readPalette } from './palette';
import './map.css';

const MANY = 300;
const MANY_EVERY_MS = 1000;

export function MapCanvas({ className, alerts, chosen, onChoose }: AlertMapProps) {
  const { words, language } = useSpeech();
  const scheme = useComputedColorScheme('light');
  const navigate = useNavigate();
  const { devices: states } = useLive();
  const { devices } = useDevices('');
  const target = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<DistrictMap | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    const made = new DistrictMap(target.current!, { palette: readPalette('light'), language: 'zh' });
    made.onBaseMapFailed = () => setFailed(true);
    const observer = new ResizeObserver(() => made.resized());
    observer.observe(target.current!);
    setMap(made);
    return () => {
      observer.disconnect();
      made.dispose();
    };
  }, []);

  useEffect(() => {
    if (map) {
      map.onAlert = onChoose;
      map.onDevice = (id) => void navigate(`/devices/${encodeURIComponent(id)}`);
    }
  }, [map, onChoose, navigate]);
  // The scheme is on the page one frame after React knows it.
  useEffect(() => {
    const frame = requestAnimationFrame(() => map?.setLook({ palette: readPalette(scheme), language }));
    return () => cancelAnimationFrame(frame);
  }, [map, scheme, language]);
  const marked = useCalm(alerts);
  useEffect(() => map?.setAlerts(chosen && !marked.includes(chosen) ? [...marked, chosen] : marked), [map, marked, chosen]);
  useEffect(() => map?.setDevices(devices, states), [map, devices, states]);
  useEffect(() => map?.choose(chosen), [map, chosen?.id]); // eslint-disable-line

  const lost = chosen && chosen.place.latitude === undefined;
  return (
    <section className={`map ${className}`} aria-label={words.map.label} data-testid="map">
      <div ref={target} className="map__canvas" tabIndex={0} role="application" aria-label={words.map.label} />
      <div className="map__buttons">
        <button type="button" aria-label={words.map.zoomIn} title={words.map.zoomIn} onClick={() => map?.zoom(1)}>+</button>
        <button type="button" aria-label={words.map.zoomOut} title={words.map.zoomOut} onClick={() => map?.zoom(-1)}>−</button>
        <button type="button" aria-label={words.map.all} title={words.map.all} onClick={() => map?.showAll()}>⤢</button>
      </div>
      {(failed || lost) && (
        <p className="map__note" role="status">{lost ? words.map.noPlace : words.map.failed}</p>
      )}
    </section>
  );
}

/** Few alerts are drawn as they come, many once a second: a map is to look at, and the list is at once. */
function useCalm(alerts: readonly LiveAlert[]): readonly LiveAlert[] {
  const [calm, setCalm] = useState(alerts);
  const newest = useRef(alerts);
  const many = alerts.length > MANY;
  useEffect(() => {
    newest.current = alerts;
  });
  useEffect(() => {
    if (!many) {
      return undefined;
    }
    const timer = setInterval(() => setCalm(newest.current), MANY_EVERY_MS);
    return () => clearInterval(timer);
  }, [many]);
  return many ? calm : alerts;
}
