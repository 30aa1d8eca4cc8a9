// Draws the synthetic district of the base map as GeoJSON on stdout; the same at every run. README.md says where things
// stand, and the simulated town relies on it.
const CORES = [
  { id: 'riverside', south: 30.568, west: 114.288, cells: 14 },
  { id: 'lakeside', south: 30.572, west: 114.312, cells: 16 },
  { id: 'eastport', south: 30.558, west: 114.338, cells: 16 },
];
const BOX = { south: 30.55, north: 30.6, west: 114.28, east: 114.36 };
const STEP = 0.001;

let seed = 20260301;
function random() {
  // mulberry32
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const between = (low, high) => low + random() * (high - low);
const round = ([lon, lat]) => [Math.round(lon * 1e5) / 1e5, Math.round(lat * 1e5) / 1e5];

/** A smooth line through the points (Catmull-Rom). */
function smooth(points, parts = 10) {
  const out = [];
  for (let i = 0; i < points.length - 1; i++) {
    const [a, b, c, d] = [points[Math.max(0, i - 1)], points[i], points[i + 1], points[Math.min(points.length - 1, i + 2)]];
    for (let s = 0; s < parts; s++) {
      const t = s / parts;
      out.push([0, 1].map((k) => 0.5 * (2 * b[k] + (c[k] - a[k]) * t + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t
        + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t * t * t)));
    }
  }
  out.push(points[points.length - 1]);
  return out;
}

/** A band of a given half-width around a line. */
function band(line, half) {
  const side = (sign) => line.map(([lon, lat], i) => {
    const [a, b] = [line[Math.max(0, i - 1)], line[Math.min(line.length - 1, i + 1)]];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const width = half * (1 + 0.18 * Math.sin(i / 3.1));
    return [lon - (sign * width * (b[1] - a[1])) / length, lat + (sign * width * (b[0] - a[0])) / length];
  });
  const ring = [...side(1), ...side(-1).reverse()];
  return [...ring, ring[0]];
}

function blob(lon, lat, radiusLon, radiusLat, wobble, count = 48) {
  const phase = between(0, 6);
  const ring = Array.from({ length: count }, (_, i) => {
    const angle = (i / count) * 2 * Math.PI;
    const r = 1 + wobble * (Math.sin(3 * angle + phase) + 0.6 * Math.sin(5 * angle + 2 * phase));
    return [lon + radiusLon * r * Math.cos(angle), lat + radiusLat * r * Math.sin(angle)];
  });
  return [...ring, ring[0]];
}

function inside([lon, lat], ring) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    if (a[1] > lat !== b[1] > lat && lon < ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]) + a[0]) {
      odd = !odd;
    }
  }
  return odd;
}

const river = band(smooth([[114.2815, 30.602], [114.2822, 30.588], [114.2818, 30.574], [114.2862, 30.5622],
  [114.2985, 30.5598], [114.3125, 30.5605], [114.3215, 30.5552], [114.3302, 30.5502], [114.334, 30.548]]), 0.0013);
const lake = blob(114.3205, 30.5948, 0.0078, 0.0036, 0.07);
const pond = blob(114.3318, 30.5815, 0.0022, 0.0017, 0.09, 28);
const parks = [blob(114.3065, 30.5885, 0.0034, 0.0042, 0.08, 28), blob(114.3322, 30.5815, 0.0042, 0.0034, 0.1, 28),
  blob(114.349, 30.5865, 0.0052, 0.0038, 0.1, 32), blob(114.326, 30.5652, 0.0046, 0.0026, 0.1, 28),
  blob(114.293, 30.5915, 0.004, 0.003, 0.12, 28)];

const mainRoads = [
  [[114.286, 30.602], [114.2862, 30.584], [114.287, 30.5665], [114.304, 30.565], [114.3105, 30.57], [114.3105, 30.5895], [114.2995, 30.602]],
  [[114.285, 30.575], [114.303, 30.575], [114.3105, 30.5775], [114.329, 30.58], [114.337, 30.576], [114.362, 30.5762]],
  [[114.3105, 30.57], [114.329, 30.5705], [114.3365, 30.566], [114.3365, 30.548]],
  [[114.329, 30.5705], [114.33, 30.589], [114.3365, 30.602]],
  [[114.3365, 30.566], [114.355, 30.5662], [114.3555, 30.556], [114.3565, 30.548]],
  [[114.355, 30.5662], [114.356, 30.583], [114.343, 30.5925], [114.33, 30.589]],
  [[114.3105, 30.5895], [114.322, 30.5888], [114.33, 30.589]],
  [[114.304, 30.565], [114.3045, 30.548]],
].map((points) => smooth(points, 6));

function streets({ south, west, cells }) {
  const size = cells * STEP;
  const lines = [];
  for (let at = 0; at <= cells; at += 2) {
    lines.push([[west - 0.0008, south + at * STEP], [west + size + 0.0008, south + at * STEP]]);
    lines.push([[west + at * STEP, south - 0.0008], [west + at * STEP, south + size + 0.0008]]);
  }
  return lines;
}

/** Around a middle, at least 0.0002 to each side; some with a corner taken out, so that no two blocks look alike. */
function building(lon, lat, low, high) {
  const [w, e, s, n] = [between(low, high), between(low, high), between(low, high), between(low, high)];
  const ring = [[lon - w, lat - s], [lon + e, lat - s], [lon + e, lat + n], [lon - w, lat + n]];
  const corner = Math.floor(random() * 9);
  if (corner < 4) {
    const [x, y] = ring[corner];
    const inLon = lon + Math.sign(x - lon) * 0.0002;
    const inLat = lat + Math.sign(y - lat) * 0.0002;
    const notch = [[x, inLat], [inLon, inLat], [inLon, y]];
    ring.splice(corner, 1, ...(corner % 2 === 0 ? notch : notch.reverse()));
  }
  return [...ring, ring[0]];
}

const inCore = (lon, lat, margin = 0.0012) => CORES.some(({ south, west, cells }) =>
  lon > west - margin && lon < west + cells * STEP + margin && lat > south - margin && lat < south + cells * STEP + margin);
const nearRoad = (lon, lat, distance) => mainRoads.some((line) => line.some((point) => Math.hypot(point[0] - lon, point[1] - lat) < distance));

const buildings = CORES.flatMap(({ south, west, cells }) => Array.from({ length: cells * cells }, (_, i) =>
  building(west + (i % cells) * STEP + STEP / 2, south + Math.floor(i / cells) * STEP + STEP / 2, 0.00022, 0.0004)));
for (let tries = 0, made = 0; tries < 9000 && made < 330; tries++) {
  const [lon, lat] = [between(BOX.west, BOX.east), between(BOX.south, BOX.north)];
  const wet = [river, lake, pond, ...parks].some((ring) => inside([lon, lat], ring));
  if (!wet && !inCore(lon, lat) && nearRoad(lon, lat, 0.0026) && !nearRoad(lon, lat, 0.0006)) {
    buildings.push(building(lon, lat, 0.00016, 0.00042));
    made++;
  }
}

const towns = [
  ['riverside', 'Riverside', '临江街道', [[114.28, 30.55], [114.3065, 30.55], [114.3065, 30.6], [114.28, 30.6], [114.28, 30.55]]],
  ['lakeside', 'Lakeside', '湖滨街道', [[114.3065, 30.55], [114.3335, 30.55], [114.3335, 30.6], [114.3065, 30.6], [114.3065, 30.55]]],
  ['eastport', 'Eastport', '东港街道', [[114.3335, 30.55], [114.36, 30.55], [114.36, 30.6], [114.3335, 30.6], [114.3335, 30.55]]],
];

const feature = (properties, type, coordinates) => ({ type: 'Feature', properties, geometry: { type, coordinates } });
const polygons = (rings) => rings.map((ring) => [ring.map(round)]);
const lines = (all) => all.map((line) => line.map(round));
const features = [
  feature({ class: 'park' }, 'MultiPolygon', polygons(parks)),
  feature({ class: 'water' }, 'MultiPolygon', polygons([river, lake, pond])),
  feature({ class: 'street' }, 'MultiLineString', lines(CORES.flatMap(streets))),
  feature({ class: 'road' }, 'MultiLineString', lines(mainRoads)),
  ...chunks(buildings, 60).map((some) => feature({ class: 'building' }, 'MultiPolygon', polygons(some))),
  ...towns.map(([area, en, zh, ring]) => feature({ class: 'town', area, en, zh }, 'Polygon', [ring.map(round)])),
  ...towns.map(([area, en, zh, [a, b]]) => feature({ class: 'name', area, en, zh }, 'Point', round([(a[0] + b[0]) / 2, 30.5988]))),
];
process.stdout.write(`{"type":"FeatureCollection","features":[\n${features.map((each) => JSON.stringify(each)).join(',\n')}\n]}\n`);

function chunks(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
