/** How alerts and devices look on the map: the same shapes as in the list, the worst of a cluster, its count beside. */
import Feature, { type FeatureLike } from 'ol/Feature';
import { Circle, Fill, RegularShape, Stroke, Style, Text } from 'ol/style';
import type ImageStyle from 'ol/style/Image';
import type { DeviceState, Severity } from '../api/types';
import { byUrgency, severityRank, type LiveAlert } from '../live/alert';
import { MAP_FONT } from './baseMap';
import type { Palette } from './palette';

const RADIUS = 9;
const LABELS_BELOW_METRES_PER_PIXEL = 1.6;

const sorted = new WeakMap<object, LiveAlert[]>();

/** The alerts behind a feature of the cluster source, most urgent first; a cluster is made anew when they change. */
export function alertsOf(cluster: FeatureLike): LiveAlert[] {
  let alerts = sorted.get(cluster);
  if (!alerts) {
    const members = (cluster.get('features') ?? []) as Feature[];
    alerts = members.map((member) => member.get('alert') as LiveAlert).sort(byUrgency);
    sorted.set(cluster, alerts);
  }
  return alerts;
}

function shape(severity: Severity, color: string, inner: string, r = RADIUS, width = 2.5): ImageStyle {
  const fill = new Fill({ color: inner });
  const stroke = new Stroke({ color, width });
  switch (severity) {
    case 'CRITICAL':
      return new RegularShape({ points: 8, radius: r + 2, angle: Math.PI / 8, fill, stroke });
    case 'MAJOR':
      return new RegularShape({ points: 3, radius: r + 2, fill, stroke });
    case 'MINOR':
      return new RegularShape({ points: 4, radius: r + 1, fill, stroke });
    case 'WARNING':
      return new RegularShape({ points: 4, radius: r, angle: Math.PI / 4, fill, stroke });
    case 'INFO':
      return new Circle({ radius: r - 2, fill, stroke });
  }
}

function label(text: string, palette: Palette, offsetY: number, weight: number): Text {
  return new Text({
    text, font: `${weight} 12px ${MAP_FONT}`, offsetY, textBaseline: 'bottom',
    fill: new Fill({ color: palette.text }), stroke: new Stroke({ color: palette.halo, width: 4 }),
  });
}

export function alertStyle(palette: Palette, chosen: string | undefined) {
  return (cluster: FeatureLike, metresPerPixel: number): Style[] => {
    const alerts = alertsOf(cluster);
    const first = alerts[0];
    if (!first) {
      return [];
    }
    const severity = alerts.reduce((worst, each) => (severityRank(each.severity) < severityRank(worst) ? each.severity : worst),
      first.severity);
    const color = palette.severity[severity];
    const open = alerts.some((alert) => !alert.acknowledged);
    const isChosen = alerts.some((alert) => alert.id === chosen);
    const zIndex = 100 - severityRank(severity) * 10 + (open ? 5 : 0) + (isChosen ? 100 : 0);
    const styles = [new Style({ image: shape(severity, open ? palette.halo : color, open ? color : palette.halo), zIndex })];
    if (isChosen) {
      styles.unshift(new Style({
        image: new Circle({ radius: RADIUS + 8, stroke: new Stroke({ color: palette.chosen, width: 3 }) }), zIndex: zIndex - 1,
      }));
    }
    if (alerts.length > 1) {
      styles.push(new Style({
        zIndex: zIndex + 1,
        text: new Text({
          text: String(alerts.length), font: `700 11px ${MAP_FONT}`, offsetX: 13, offsetY: -11, padding: [2, 4, 1, 4],
          fill: new Fill({ color: palette.halo }), backgroundFill: new Fill({ color: palette.text }),
        }),
      }));
    }
    if (isChosen || metresPerPixel < LABELS_BELOW_METRES_PER_PIXEL) {
      const shown = alerts.find((alert) => alert.id === chosen) ?? first;
      styles.push(new Style({ text: label(shown.deviceName, palette, -20, 600), zIndex: zIndex + 2 }));
    }
    return styles;
  };
}

/** A healthy device is a small grey dot; one that is not has shape and colour of its worst alert, or is a ring. */
export function deviceStyle(palette: Palette, states: ReadonlyMap<string, DeviceState>) {
  return (feature: FeatureLike, metresPerPixel: number): Style[] => {
    const state = states.get(String(feature.get('device')));
    const styles = [new Style({ image: deviceImage(palette, state) })];
    if (metresPerPixel < LABELS_BELOW_METRES_PER_PIXEL / 2) {
      styles.push(new Style({ text: label(String(feature.get('name')), palette, -7, 400) }));
    }
    return styles;
  };
}

const DEVICE_RADIUS = 6;

function deviceImage(palette: Palette, state: DeviceState | undefined): ImageStyle {
  if (state?.severity) {
    return shape(state.severity, palette.halo, palette.severity[state.severity], DEVICE_RADIUS, 1.5);
  }
  const healthy = !state || state.state === 'normal';
  return healthy
    ? new Circle({
      radius: 4, fill: new Fill({ color: palette.healthy }), stroke: new Stroke({ color: palette.halo, width: 1.5 }),
    })
    : new Circle({ radius: DEVICE_RADIUS, stroke: new Stroke({ color: palette.healthy, width: 2 }) });
}
