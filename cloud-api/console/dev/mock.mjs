// The API's outside with invented content, to look at the console without the platform: `npm run build && npm run mock`,
// then http://127.0.0.1:8099 (MOCK_PORT) as officer, crew or admin, any password but "wrong". Scripted alarms come in
// the first minute. To play with faults, GET:
//   /mock/raise?severity=MAJOR&kind=ALARM&count=3[&drill=1][&late=1]   /mock/clear      /mock/part?name=alarmJob&state=dead
//   /mock/freeze?on=1 (connections stay open and silent)               /mock/drop       /mock/database?away=1
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { AREAS, devices, PROFILES, script } from './town.mjs';

const PORT = Number(process.env.MOCK_PORT ?? 8099);
const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.geojson': 'application/json', '.json': 'application/json' };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
  + "connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const USERS = {
  officer: { name: 'officer', displayName: 'Li Wei 李伟', role: 'DUTY_OFFICER', language: 'zh-CN' },
  crew: { name: 'crew', displayName: 'Zhang Min 张敏', role: 'CREW', language: 'zh-CN' },
  admin: { name: 'admin', displayName: 'Wang Fang 王芳', role: 'ADMINISTRATOR', language: 'en' },
};

const alerts = new Map();
const history = new Map();
const byId = new Map(devices.map((device) => [device.id, device]));
const parts = Object.fromEntries(['agent', 'broker', 'alarmJob', 'archiveJob', 'database', 'api'].map((p) => [p, 'ok']));
let seq = 1;
let databaseAway = false;
let frozen = false;
const started = Date.now();

const iso = (ms) => new Date(ms).toISOString();
const areaNames = (ids) => ids.map((id) => AREAS.find((area) => area.id === id).name);

function river() {
  const dead = Object.values(parts).includes('dead');
  return {
    state: dead ? 'dead' : 'ok',
    lastPulseAt: iso(dead ? started : Date.now() - (Date.now() % 5000)),
    parts: Object.entries(parts).map(([part, state]) => ({ part, state, lastSeenAt: iso(Date.now() - 700),
      detail: state === 'ok' ? { en: 'answers', zh: '有应答' } : { en: 'no sign of life for 16 s', zh: '16 秒没有响应' } })),
  };
}

function raise({ device, rule, value, onsetMs = Date.now(), drill = false, late = false, cleared = null }) {
  const of = byId.get(device);
  const profile = PROFILES[of.profile];
  const { metric, unit, limit, name, kind, severity } = rule;
  const id = createHash('md5').update(rule.id + device + onsetMs).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const readings = metric ? [5, 4, 3, 2, 1, 0].map((i) => ({ at: iso(onsetMs - i * 10000 + 20000),
    value: Number((value - (value - profile.base) * (i / 6)).toFixed(2)), quality: i === 3 ? 'CLOCK' : 'GOOD' })) : [];
  const alert = { id, revision: Date.now(), state: cleared ? 'CLEARED' : 'ACTIVE', rule: rule.id, ruleVersion: 3, kind, severity,
    gateway: of.gateway, device, place: of.place, metric: metric ?? '', value, unit: unit ?? '', onset: iso(onsetMs),
    updated: iso(Math.min(Date.now(), onsetMs + 20000)), ...(cleared ? { cleared: iso(cleared) } : {}), late, drill,
    evidence: { ...(limit === undefined ? {} : { limit }), readings }, name, deviceName: of.name,
    areaNames: areaNames(of.place.areas), acknowledged: null, receivedAt: iso(onsetMs + (late ? 300000 : 180)) };
  alerts.set(id, alert);
  publish([alert]);
  return alert;
}

function change(id, patch, machine) {
  const next = { ...alerts.get(id), ...patch };
  if (machine) {
    next.revision = Math.max(next.revision + 1, Date.now());
    next.updated = iso(Date.now());
  }
  alerts.set(id, next);
  publish([next]);
  return next;
}

const isOpen = (alert) => alert.state === 'ACTIVE' || !alert.acknowledged;
const server = createServer((request, response) => void handle(request, response));
const live = new WebSocketServer({ noServer: true });

function broadcast(frame) {
  if (!frozen) {
    const text = JSON.stringify({ serverTime: iso(Date.now()), ...frame });
    live.clients.forEach((client) => client.send(text));
  }
}

function publish(changed) {
  seq++;
  broadcast({ type: 'changes', seq, alerts: changed });
  broadcast({ type: 'devices', states: changed.map(deviceState) });
}

function deviceState({ device }) {
  const active = [...alerts.values()].filter((alert) => alert.device === device && alert.state === 'ACTIVE');
  const order = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING', 'INFO'];
  const severity = order.find((each) => active.some((alert) => alert.severity === each));
  const silent = active.some((alert) => alert.rule.endsWith('/silence'));
  const state = silent ? 'silent' : severity ? (active.some((a) => a.kind === 'TROUBLE') ? 'trouble' : 'alarm') : 'normal';
  return { device, state, ...(severity ? { severity } : {}) };
}

server.on('upgrade', (request, socket, head) => {
  if (!userOf(request)) {
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    return;
  }
  live.handleUpgrade(request, socket, head, (client) => {
    if (frozen) {
      return;
    }
    const open = [...alerts.values()].filter(isOpen);
    client.send(JSON.stringify({ type: 'snapshot', seq, serverTime: iso(Date.now()), alerts: open, river: river(),
      complete: true, omitted: 0 }));
    client.send(JSON.stringify({ type: 'devices', serverTime: iso(Date.now()), states: open.map(deviceState) }));
  });
});

function userOf(request) {
  const match = /tocsin_session=(\w+)/.exec(request.headers.cookie ?? '');
  return match ? USERS[match[1]] : undefined;
}

async function handle(request, response) {
  const url = new URL(request.url, 'http://mock');
  const json = (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };
  const refuse = (status, code, message, messageZh, more = {}) => json(status, { error: { code, message, messageZh }, ...more });
  if (url.pathname.startsWith('/mock/')) {
    json(200, control(url));
    return;
  }
  if (!url.pathname.startsWith('/api/')) {
    await file(url.pathname, response);
    return;
  }
  const body = request.method !== 'GET' ? JSON.parse((await text(request)) || '{}') : {};
  const path = url.pathname.slice('/api/v1'.length);
  if (path === '/login') {
    const user = USERS[body.user];
    if (!user || body.password === 'wrong') {
      refuse(401, 'wrong_credentials', 'User name or password is wrong', '用户名或密码错误');
    } else {
      json(200, { user, endsAt: iso(Date.now() + 86400000), csrf: 'mock' }, { 'set-cookie': `tocsin_session=${user.name}; HttpOnly; SameSite=Strict; Path=/` });
    }
    return;
  }
  const user = userOf(request);
  if (!user) {
    refuse(401, 'login_required', 'Log in', '请登录');
    return;
  }
  answer({ path, url, user, body, method: request.method, json, refuse });
}

/** The newest command that was sent. */
let COMMAND = null;
/** The newest order of each gateway; every one goes through the stages and is taken back. */
const ORDERS = new Map();
const STAGES = ['FETCHING', 'STAGED', 'ON_TRIAL', 'ROLLED_BACK'];
const gateways = () => [...new Set(devices.map((each) => each.gateway))];

function answer({ path, url, user, body, method, json, refuse }) {
  const unavailable = () => refuse(503, 'database_unavailable', 'The database is away', '数据库暂不可用');
  const [, room, id, verb, last] = path.split('/').map(decodeURIComponent);
  if (path === '/me') {
    json(200, { user, endsAt: iso(Date.now() + 86400000), csrf: 'mock' });
  } else if (path === '/logout') {
    json(204, undefined, { 'set-cookie': 'tocsin_session=; Max-Age=0; Path=/' });
  } else if (path === '/areas') {
    json(200, { version: 1, areas: AREAS });
  } else if (room === 'alerts' && method === 'POST') {
    const alert = alerts.get(id);
    if (user.role === 'CREW') {
      refuse(403, 'role', 'A crew may not acknowledge', '维保人员不能确认');
    } else if (databaseAway) {
      unavailable();
    } else if (last === 'undo') {
      history.get(id).push({ action: 'undo', by: user.name, displayName: user.displayName, at: iso(Date.now()), revision: alert.revision });
      json(200, change(id, { acknowledged: null }));
    } else if (body.revision !== alert.revision) {
      refuse(409, 'alert_changed', 'The alert changed meanwhile', '报警已变化', { alert });
    } else {
      const acknowledged = { by: user.name, displayName: user.displayName, at: iso(Date.now()), revision: body.revision };
      history.set(id, [...(history.get(id) ?? []), { action: 'acknowledge', ...acknowledged }]);
      setTimeout(() => json(200, change(id, { acknowledged })), 150);
    }
  } else if (room === 'alerts' && id) {
    const alert = alerts.get(id);
    if (alert) {
      json(200, { alert, history: history.get(id) ?? [], historyKnown: !databaseAway });
    } else {
      refuse(404, 'not_found', 'No such alert', '没有此报警');
    }
  } else if (room === 'alerts') {
    const cleared = [...alerts.values()].filter((alert) => alert.state === 'CLEARED').sort((a, b) => (a.onset < b.onset ? 1 : -1));
    databaseAway ? unavailable() : json(200, { alerts: cleared });
  } else if (room === 'devices' && verb === 'readings') {
    databaseAway ? unavailable() : json(200, readings(byId.get(id), url.searchParams));
  } else if (room === 'devices' && verb === 'quality') {
    databaseAway ? unavailable() : json(200, quality(byId.get(id), url.searchParams.get('zone') ?? 'UTC'));
  } else if (room === 'devices' && id) {
    byId.has(id) ? json(200, deviceDetail(byId.get(id))) : refuse(404, 'not_found', 'No such device', '没有此设备');
  } else if (room === 'devices') {
    const q = (url.searchParams.get('q') ?? '').toLowerCase();
    const found = devices.filter((d) => `${d.id} ${d.name} ${d.place.name}`.toLowerCase().includes(q)).map(deviceView);
    json(200, { devices: found, total: found.length });
  } else if (path === '/me/password') {
    body.oldPassword === 'wrong' ? refuse(401, 'wrong_credentials', 'Wrong', '密码错误') : json(204);
  } else if (room === 'users' && id) {
    USERS[id] = { ...USERS[id], ...body, name: id };
    json(200, { ...USERS[id], active: USERS[id].active ?? true });
  } else if (room === 'users') {
    json(200, { users: Object.values(USERS).map((each) => ({ active: true, lastLoginAt: iso(started), ...each })) });
  } else if (path === '/gateways') {
    json(200, { gateways: gateways().map((gateway, i) => ({
      id: gateway, name: gateway, place: byId.get(devices.find((each) => each.gateway === gateway).id).place,
      areaNames: areaNames(devices.find((each) => each.gateway === gateway).place.areas),
      devices: devices.filter((each) => each.gateway === gateway).length, enrolment: i ? 'CLOSED' : 'OPEN',
      presence: ['online', 'offline', 'unknown'][i % 3], lastPulseAt: iso(Date.now() - 3000), agentVersion: '0.1.0',
      clockSynchronized: i !== 1, registryVersion: 3, runningRegistryVersion: i === 1 ? 2 : 3, settingsVersion: 2,
      runningSettingsVersion: i === 1 ? 1 : 2, onTrial: [],
      refused: i === 1 ? [{ topic: `tocsin/v1/state/settings/${gateway}`, version: 2, reason: "/outputs/0/mqtt/topic: 'a/#' is no topic", at: iso(started) }] : [] })) });
  } else if (path === '/identities') {
    json(200, { identities: gateways().map((gateway, i) => ({ gateway, state: ['enrolled', 'revoked', 'none'][i % 3],
      ...(i % 3 === 0 ? { certificate: { serial: 'a1', issuedAt: iso(started), notAfter: iso(started + 7 * 86400000) } } : {}),
      ...(i % 3 === 1 ? { revokedBy: 'admin', revokedAt: iso(started) } : {}) })) });
  } else if (path === '/agent-bundles') {
    json(200, { bundles: ['1.3.0', '1.2.0'].map((version, i) => ({ version, serial: 9 - i, from: '1.0.0', allowDowngrade: false,
      size: 44100000 - i * 800000, sha256: '0'.repeat(64), by: 'admin', displayName: 'Wang Fang 王芳', at: iso(started - i * 864e5) })) });
  } else if (path === '/agent-updates') {
    json(200, { updates: [...ORDERS.values()] });
  } else if (room === 'gateways' && verb === 'agent') {
    const order = { id: Date.now(), gateway: id, version: body.version, size: 1, sha256: '0'.repeat(64), by: user.name,
      displayName: user.displayName, at: iso(Date.now()) };
    ORDERS.set(id, { order });
    STAGES.forEach((stage, i) => setTimeout(() => ORDERS.set(id, { order, progress: { order: order.id, version: body.version, stage,
      detail: stage === 'ROLLED_BACK' ? 'it was not healthy within 120 s' : '' } }), (i + 1) * 6000));
    json(200, { order });
  } else if (path.endsWith('/commands') && method === 'GET') {
    json(200, { commands: COMMAND ? [COMMAND] : [] });
  } else if (path.endsWith('/commands') && method === 'POST') {
    COMMAND = { id: 'c1', gateway: 'gw', kind: body.kind, arguments: body.arguments ?? {}, issued: iso(Date.now()),
      deadline: iso(Date.now() + 60000), by: 'duty', displayName: 'Duty', state: 'WAITING' };
    json(200, COMMAND);
  } else if (path === '/commands/c1') {
    COMMAND = { ...COMMAND, state: COMMAND.state === 'WAITING' ? 'ACCEPTED' : 'DONE', data: { spool: 'ok', field: 'ok' } };
    json(200, COMMAND);
  } else if (path === '/seen') {
    json(200, { seen: [1, 2].map((i) => ({ gateway: 'gw-lakeside', device: `porch-${i}`, profile: 'zigbee2mqtt-smoke', accepted: false,
      at: iso(Date.now() - i * 60000), enrolled: false })) });
  } else if (path === '/rejected') {
    json(200, { rejected: [1, 2, 3].map((i) => ({ id: `r${i}`, gateway: 'gw-lakeside', source: 'mqtt zigbee2mqtt/porch',
      ...(i === 2 ? {} : { device: 'porch' }), reason: i === 2 ? 'UNKNOWN_DEVICE' : 'UNDECODABLE', detail: 'temperature: not a number: "n/a"',
      raw: Buffer.from('{"temperature":"n/a","battery":87}').toString('base64'), receivedAt: iso(Date.now() - i * 431000) })) });
  } else {
    refuse(404, 'not_found', 'No such path', '没有此路径');
  }
}

function deviceView(device) {
  const { state, severity } = deviceState({ device: device.id });
  return { ...device, profileName: PROFILES[device.profile].name, category: PROFILES[device.profile].category,
    areaNames: areaNames(device.place.areas), state, ...(severity ? { severity } : {}) };
}

function deviceDetail(device) {
  const profile = PROFILES[device.profile];
  return { device: deviceView(device), metrics: profile.metrics, commands: [], lastValuesKnown: !databaseAway,
    rules: profile.rules.filter((rule) => rule.metric).map((rule) => ({ condition: 'above', onDelayMs: 0, offDelayMs: 60000, ...rule })),
    lastValues: databaseAway ? [] : profile.metrics.map((metric, i) => ({ metric: metric.name, unit: metric.unit, label: metric.label,
      value: i === 0 ? profile.base : 87, observedAt: iso(Date.now() - 4000), receivedAt: iso(Date.now() - 3800), quality: 'GOOD' })),
    alerts: [...alerts.values()].filter((alert) => alert.device === device.id && isOpen(alert)) };
}

function readings(device, params) {
  const profile = PROFILES[device.profile];
  const metric = profile.metrics.find((each) => each.name === params.get('metric')) ?? profile.metrics[0];
  const from = Date.parse(params.get('from'));
  const to = Math.min(Date.now(), Date.parse(params.get('to')));
  const alert = [...alerts.values()].find((each) => each.device === device.id && each.metric === metric.name);
  const onset = alert ? Date.parse(alert.onset) : Infinity;
  const points = [];
  const step = Math.max(5000, (to - from) / 400);
  for (let at = from; at <= to; at += step) {
    const rise = at > onset - 60000 ? 1 - Math.exp(-(at - onset + 60000) / 55000) : 0;
    const noise = (Math.sin(at / 9000) + Math.sin(at / 3100)) * profile.base * 0.01;
    const value = profile.base + noise + (alert ? (alert.value - profile.base) * 1.08 * rise : 0);
    points.push({ at: iso(at), value, min: value * 0.995, max: value * 1.005, n: 1, quality: 'GOOD' });
  }
  return { device: device.id, metric: metric.name, unit: metric.unit, label: metric.label, from: iso(from), to: iso(to), points,
    limits: profile.rules.filter((rule) => rule.metric === metric.name && rule.condition !== 'rate_of_rise')
      .map(({ id, limit, severity, name }) => ({ rule: id, limit, severity, name })) };
}

/** Seven days; on the third the device was silent for a while, on the fifth it hung. */
function quality(device, zone) {
  const dayOf = (ago) => iso(Date.now() - ago * 86400000).slice(0, 10);
  const days = [6, 5, 4, 3, 2, 1, 0].map((ago) => {
    const received = ago === 4 ? 6120 : 8638;
    const stuck = ago === 2 ? 410 : 0;
    return { day: dayOf(ago), received, expected: 8640, completeness: received / 8640, readings: received,
      qualities: { GOOD: received - stuck, ...(stuck ? { STUCK: stuck } : {}) }, validity: (received - stuck) / received,
      latency: { p50: 1, p90: 1, p99: ago === 4 ? 600 : 10, soonest: 0.02, latest: ago === 4 ? 1800 : 8.4 } };
  });
  return { device: device.id, zone, from: dayOf(6), to: dayOf(0), days };
}

function control({ pathname, searchParams: q }) {
  switch (pathname) {
    case '/mock/raise': {
      const raised = [];
      for (let i = 0; i < Number(q.get('count') ?? 1); i++) {
        const device = devices[Math.floor(Math.random() * devices.length)];
        const rule = PROFILES[device.profile].rules[0];
        raised.push(raise({ device: device.id, value: rule.limit ? rule.limit * 1.2 : 1, drill: q.has('drill'), late: q.has('late'),
          onsetMs: Date.now() - i - (q.has('late') ? 300000 : 0),
          rule: { ...rule, severity: q.get('severity') ?? rule.severity, kind: q.get('kind') ?? rule.kind } }).id);
      }
      return raised;
    }
    case '/mock/clear': {
      const active = [...alerts.values()].filter((alert) => alert.state === 'ACTIVE' && (!q.get('id') || alert.id === q.get('id')));
      return active.map(({ id }) => change(id, { state: 'CLEARED', cleared: iso(Date.now()) }, true).id);
    }
    case '/mock/confirm': {
      const [second, first] = [...alerts.values()].filter((alert) => alert.state === 'ACTIVE').slice(-2).reverse();
      const witness = ({ id, rule, device, place, onset }) => ({ alert: id, rule, device, place: place.name, onset });
      const confirmed = (other) => ({ rule: 'fire-confirmed', version: 1, name: { en: 'Fire confirmed', zh: '火警确认' },
        at: second.onset, by: [witness(other)] });
      const spread = { rule: 'fire-spreads', origin: first.id, place: first.place.name, devices: 2, places: 2, step: 1 };
      const urgentSince = Date.now();
      return [
        change(first.id, { severity: 'CRITICAL', kind: 'ALARM', acknowledged: null,
          correlation: { confirmed: confirmed(second), spread, urgentSince } }, true),
        change(second.id, { correlation: { confirmed: confirmed(first), chatter: { raises: 3, since: first.onset },
          group: { rule: 'flood', origin: first.id, count: 12 }, urgentSince } }, true),
      ].map(({ id }) => id);
    }
    case '/mock/part':
      parts[q.get('name')] = q.get('state');
      return parts;
    case '/mock/freeze':
      frozen = q.get('on') === '1';
      return { frozen };
    case '/mock/drop':
      live.clients.forEach((client) => client.terminate());
      return {};
    case '/mock/database':
      databaseAway = q.get('away') === '1';
      return { databaseAway };
    default:
      return { unknown: pathname };
  }
}

async function file(pathname, response) {
  const path = normalize(join(DIST, extname(pathname) ? pathname : 'index.html'));
  try {
    if (!path.startsWith(DIST)) {
      throw new Error('outside');
    }
    const content = await readFile(path);
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-security-policy': CSP });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

async function text(request) {
  let all = '';
  for await (const chunk of request) {
    all += chunk;
  }
  return all;
}

setInterval(() => broadcast({ type: 'beat', seq, river: river() }), 2000);
for (const { afterMs, run } of script(raise, change, alerts, history, USERS)) {
  afterMs === 0 ? run() : setTimeout(run, afterMs);
}
server.listen(PORT, '127.0.0.1', () => console.log(`mock API and console at http://127.0.0.1:${PORT}`));
