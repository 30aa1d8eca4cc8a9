/** The map outside React, on canvas: duty PCs may have no GPU. Alerts, devices and a choice enter; clicks leave. */
import Feature from 'ol/Feature';
import Map from 'ol/Map';
import View from 'ol/View';
import { boundingExtent, buffer, type Extent } from 'ol/extent';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import { fromLonLat, transformExtent } from 'ol/proj';
import Cluster from 'ol/source/Cluster';
import VectorSource from 'ol/source/Vector';
import type { Device, DeviceState } from '../api/types';
import type { LiveAlert } from '../live/alert';
import { baseLayer, baseStyle, loadBaseMap } from './baseMap';
import { alertsOf, alertStyle, deviceStyle } from './marks';
import type { Palette } from './palette';

/** Where the synthetic district lies. */
const DISTRICT = transformExtent([114.28, 30.55, 114.36, 30.6], 'EPSG:4326', 'EPSG:3857');
const DEVICES_FROM_ZOOM = 16;
const CHOSEN_ZOOM = 16.5;
const CLUSTER_PIXELS = 34;
const PAN_MS = 250;

export interface Look {
  readonly palette: Palette;
  readonly language: 'zh' | 'en';
}

export class DistrictMap {
  onAlert: (id: string) => void = () => {};
  onDevice: (id: string) => void = () => {};
  onBaseMapFailed: () => void = () => {};
  readonly #alerts = new VectorSource<Feature<Point>>();
  readonly #marks = new globalThis.Map<string, Feature<Point>>();
  readonly #devices = new VectorSource<Feature<Point>>();
  readonly #base = baseLayer();
  readonly #alertLayer: VectorLayer<Cluster>;
  readonly #deviceLayer: VectorLayer<VectorSource<Feature<Point>>>;
  readonly #map: Map;
  readonly #abort = new AbortController();
  readonly #target: HTMLElement;
  #look: Look;
  #states: ReadonlyMap<string, DeviceState> = new globalThis.Map();
  #chosen: string | undefined;
  /** A map that is hidden at first has no size to fit anything into. */
  #fitted: boolean;
  #listed: readonly Device[] = [];

  constructor(target: HTMLElement, look: Look) {
    this.#target = target;
    this.#look = look;
    this.#alertLayer = new VectorLayer({
      source: new Cluster({ source: this.#alerts, distance: CLUSTER_PIXELS }), zIndex: 3,
      updateWhileAnimating: true, updateWhileInteracting: true,
    });
    this.#deviceLayer = new VectorLayer({
      source: this.#devices, zIndex: 2, minZoom: DEVICES_FROM_ZOOM, declutter: true,
    });
    this.#map = new Map({
      target,
      controls: [],
      layers: [this.#base, this.#deviceLayer, this.#alertLayer],
      view: new View({ maxZoom: 19, minZoom: 10 }),
    });
    this.#map.on('singleclick', (event) => this.#clicked(event.pixel));
    this.#map.on('pointermove', (event) => {
      target.style.cursor = !event.dragging && this.#map.hasFeatureAtPixel(event.pixel, { layerFilter: this.#clickable })
        ? 'pointer' : '';
    });
    this.#fitted = target.clientWidth > 0 && target.clientHeight > 0;
    this.showAll();
    this.setLook(look);
    loadBaseMap(this.#abort.signal).then(
      (source) => this.#base.setSource(source),
      () => this.#abort.signal.aborted || this.onBaseMapFailed(),
    );
  }

  setLook(look: Look): void {
    this.#look = look;
    this.#target.style.background = look.palette.ground;
    this.#base.setStyle(baseStyle(look.palette, look.language));
    this.#restyle();
  }

  /** Touches only what changed: with thousands of alerts, making every mark anew is felt. */
  setAlerts(alerts: readonly LiveAlert[]): void {
    const gone = new globalThis.Map(this.#marks);
    const added: Feature<Point>[] = [];
    let changed = false;
    for (const alert of alerts) {
      const { longitude, latitude } = alert.place;
      if (longitude === undefined || latitude === undefined) {
        continue;
      }
      gone.delete(alert.id);
      let mark = this.#marks.get(alert.id);
      if (!mark) {
        mark = new Feature(new Point(fromLonLat([longitude, latitude])));
        this.#marks.set(alert.id, mark);
        added.push(mark);
      }
      if (mark.get('alert') !== alert) {
        mark.set('alert', alert, true);
        changed = true;
      }
    }
    for (const [id, mark] of gone) {
      this.#marks.delete(id);
      this.#alerts.removeFeature(mark);
    }
    this.#alerts.addFeatures(added);
    if (changed) {
      this.#alerts.changed();
    }
  }

  setDevices(devices: readonly Device[], states: ReadonlyMap<string, DeviceState>): void {
    this.#states = states;
    if (devices !== this.#listed) {
      this.#listed = devices;
      this.#devices.clear(true);
      this.#devices.addFeatures(devices.flatMap(({ id, name, place }) => {
        if (place.longitude === undefined || place.latitude === undefined) {
          return [];
        }
        const feature = new Feature(new Point(fromLonLat([place.longitude, place.latitude])));
        feature.setProperties({ device: id, name });
        return [feature];
      }));
    }
    this.#restyle();
  }

  /** Brings the chosen one into view, and moves no more than that needs. */
  choose(alert: LiveAlert | undefined): void {
    this.#chosen = alert?.id;
    this.#restyle();
    const { longitude, latitude } = alert?.place ?? {};
    if (longitude === undefined || latitude === undefined) {
      return;
    }
    const view = this.#map.getView();
    const center = fromLonLat([longitude, latitude]);
    view.animate({ center, zoom: Math.max(view.getZoom() ?? 0, CHOSEN_ZOOM), duration: PAN_MS });
  }

  zoom(by: number): void {
    const view = this.#map.getView();
    view.animate({ zoom: (view.getZoom() ?? 14) + by, duration: PAN_MS });
  }

  showAll(): void {
    const extent: Extent = this.#alerts.isEmpty() ? DISTRICT
      : buffer(boundingExtent(this.#alerts.getFeatures().map((each) => each.getGeometry()!.getCoordinates())), 200);
    this.#map.getView().fit(extent, { padding: [30, 30, 30, 30], maxZoom: CHOSEN_ZOOM });
  }

  resized(): void {
    this.#map.updateSize();
    const shown = (this.#map.getSize() ?? [0, 0]).every((pixels) => pixels > 0);
    if (shown && !this.#fitted) {
      this.#fitted = true;
      this.showAll();
    }
  }

  dispose(): void {
    this.#abort.abort();
    this.#map.setTarget(undefined);
    this.#map.dispose();
  }

  readonly #clickable = (layer: unknown) => layer === this.#alertLayer || layer === this.#deviceLayer;

  #clicked(pixel: number[]): void {
    const hits = this.#map.getFeaturesAtPixel(pixel, { layerFilter: this.#clickable, hitTolerance: 4 });
    const cluster = hits.find((hit) => hit.get('features'));
    if (!cluster) {
      const device = hits[0]?.get('device') as string | undefined;
      if (device) {
        this.onDevice(device);
      }
      return;
    }
    const alerts = alertsOf(cluster);
    const places = alerts.map(({ place }) => fromLonLat([place.longitude!, place.latitude!]));
    const extent = boundingExtent(places);
    const spreadOut = Math.max(extent[2]! - extent[0]!, extent[3]! - extent[1]!) > 5;
    const at = alerts.findIndex((alert) => alert.id === this.#chosen);
    if (alerts.length > 1 && spreadOut) {
      this.#map.getView().fit(buffer(extent, 30), { padding: [50, 50, 50, 50], duration: PAN_MS, maxZoom: 19 });
    } else {
      // One place: each click goes on to its next alert.
      this.onAlert(alerts[(at + 1) % alerts.length]!.id);
    }
  }

  #restyle(): void {
    this.#alertLayer.setStyle(alertStyle(this.#look.palette, this.#chosen));
    this.#deviceLayer.setStyle(deviceStyle(this.#look.palette, this.#states));
  }
}
