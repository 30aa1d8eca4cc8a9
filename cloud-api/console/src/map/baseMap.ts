/** The synthetic district below the alerts, drawn quietly: it is there to say where, nothing else. */
import type { FeatureLike } from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import { Fill, Stroke, Style, Text } from 'ol/style';
import type { Palette } from './palette';

/** Further out buildings are too small to have an edge. */
const EDGES_BELOW_METRES_PER_PIXEL = 5;

export const MAP_FONT = 'system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';

export async function loadBaseMap(signal: AbortSignal): Promise<VectorSource> {
  const response = await fetch('/district.geojson', { signal });
  if (!response.ok) {
    throw new Error(`the base map answered ${response.status}`);
  }
  const features = new GeoJSON().readFeatures(await response.json(), { featureProjection: 'EPSG:3857' });
  return new VectorSource({ features });
}

export function baseLayer(): VectorLayer<VectorSource> {
  return new VectorLayer({ updateWhileAnimating: true, updateWhileInteracting: true });
}

export function baseStyle(palette: Palette, language: 'zh' | 'en') {
  const fills: Readonly<Record<string, Style>> = {
    park: new Style({ fill: new Fill({ color: palette.park }), zIndex: 0 }),
    water: new Style({ fill: new Fill({ color: palette.water }), zIndex: 1 }),
    building: new Style({ fill: new Fill({ color: palette.building }), zIndex: 4 }),
    edged: new Style({
      fill: new Fill({ color: palette.building }), stroke: new Stroke({ color: palette.buildingEdge, width: 0.8 }), zIndex: 4,
    }),
  };
  return (feature: FeatureLike, metresPerPixel: number): Style | Style[] | undefined => {
    const kind = String(feature.get('class'));
    switch (kind) {
      case 'building':
        return metresPerPixel < EDGES_BELOW_METRES_PER_PIXEL ? fills['edged'] : fills['building'];
      case 'street':
        return road(palette, Math.max(0.6, 7 / metresPerPixel), 2);
      case 'road':
        return road(palette, Math.max(2, 16 / metresPerPixel), 3);
      case 'town':
        return new Style({ stroke: new Stroke({ color: palette.border, width: 1, lineDash: [6, 5] }), zIndex: 5 });
      case 'name':
        return new Style({
          zIndex: 6,
          text: new Text({
            text: String(feature.get(language)), font: `600 13px ${MAP_FONT}`,
            fill: new Fill({ color: palette.healthy }), stroke: new Stroke({ color: palette.ground, width: 3 }),
          }),
        });
      default:
        return fills[kind];
    }
  };
}

function road(palette: Palette, width: number, zIndex: number): Style[] {
  return [
    new Style({ stroke: new Stroke({ color: palette.roadEdge, width: width + 1.4 }), zIndex: zIndex - 0.5 }),
    new Style({ stroke: new Stroke({ color: palette.road, width }), zIndex }),
  ];
}
