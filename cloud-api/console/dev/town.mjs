// An invented town for mock.mjs: areas, profiles, devices in the buildings of the synthetic district, and what happens.
const text = (en, zh) => ({ en, zh });

export const AREAS = [
  { id: 'district', name: text('Binjiang District', '滨江区') },
  { id: 'riverside', parent: 'district', name: text('Riverside', '临江街道') },
  { id: 'lakeside', parent: 'district', name: text('Lakeside', '湖滨街道') },
  { id: 'eastport', parent: 'district', name: text('Eastport', '东港街道') },
];

const rule = (id, metric, unit, limit, kind, severity, name, condition = 'above') =>
  ({ id, metric, unit, limit, kind, severity, name, condition });
const metric = (name, unit, en, zh) => ({ name, unit, label: text(en, zh) });
const silence = (profile) => ({ id: `${profile}/silence`, kind: 'TROUBLE', severity: 'MINOR', name: text('Device silent', '设备失联') });

export const PROFILES = {
  'heat-a1r': { name: text('Heat detector A1R', 'A1R 级感温探测器'), category: 'fire', base: 23,
    metrics: [metric('temperature', 'Cel', 'Temperature', '温度'), metric('battery', '%', 'Battery', '电量')],
    rules: [rule('heat-a1r/fixed', 'temperature', 'Cel', 57, 'ALARM', 'CRITICAL', text('Fire: fixed temperature', '火警：定温')),
      rule('heat-a1r/rise', 'temperature', 'Cel', 8.3, 'PRE_ALARM', 'MAJOR', text('Temperature rises fast', '升温过快'), 'rate_of_rise'),
      silence('heat-a1r')] },
  'zigbee-smoke': { name: text('Smoke detector (zigbee2mqtt)', '烟感探测器（zigbee2mqtt）'), category: 'fire', base: 0.02,
    metrics: [metric('obscuration', 'dB/m', 'Obscuration', '减光率'), metric('battery', '%', 'Battery', '电量')],
    rules: [rule('zigbee-smoke/smoke', 'obscuration', 'dB/m', 0.15, 'ALARM', 'CRITICAL', text('Smoke', '烟雾报警')), silence('zigbee-smoke')] },
  'co-room': { name: text('Carbon monoxide sensor', '一氧化碳探测器'), category: 'gas', base: 3,
    metrics: [metric('co', 'ppm', 'Carbon monoxide', '一氧化碳')],
    rules: [rule('co-room/leak', 'co', 'ppm', 50, 'ALARM', 'MAJOR', text('Carbon monoxide leak', '一氧化碳泄漏')), silence('co-room')] },
  'door-contact': { name: text('Door contact', '门磁'), category: 'security', base: 0,
    metrics: [metric('open', '1', 'Open', '开启')],
    rules: [rule('door-contact/forced', 'open', '1', 1, 'SECURITY', 'MAJOR', text('Door forced', '门被强行打开')), silence('door-contact')] },
  'water-level': { name: text('Drain level sensor', '井下水位计'), category: 'flood', base: 0.4,
    metrics: [metric('level', 'm', 'Level', '水位')],
    rules: [rule('water-level/high', 'level', 'm', 1.2, 'SUPERVISORY', 'WARNING', text('Water level high', '水位偏高')), silence('water-level')] },
};

const CORES = [['riverside', 30.568, 114.288, 14], ['lakeside', 30.572, 114.312, 16], ['eastport', 30.558, 114.338, 16]];
const KINDS = Object.keys(PROFILES);
const ROOMS = ['Boiler room', 'Lobby', 'Room 302', 'Kitchen', 'Server room', 'Corridor 4F', 'Garage B1'];

export const devices = Array.from({ length: 210 }, (_, i) => {
  const [area, south, west, count] = CORES[i % 3];
  const building = (i * 7919) % (count * count);
  const profile = KINDS[i % KINDS.length];
  const spread = ((i * 37) % 9 - 4) / 40000;
  return { id: `${profile}-${String(i + 1).padStart(3, '0')}`, gateway: `gw-${area}`, profile,
    name: `${PROFILES[profile].name.en.split(' (')[0]} ${i + 1}`,
    place: { areas: ['district', area], name: `Building ${building + 1}, ${ROOMS[i % ROOMS.length]}`,
      latitude: south + 0.0005 + 0.001 * Math.floor(building / count) + spread,
      longitude: west + 0.0005 + 0.001 * (building % count) - spread } };
});

export function script(raise, change, alerts, history, users) {
  const now = Date.now();
  const of = (profile, n) => devices.filter((device) => device.profile === profile)[n].id;
  const rules = (profile, n = 0) => PROFILES[profile].rules[n];
  const acknowledge = (alert, user) => {
    const acknowledged = { by: user.name, displayName: user.displayName, at: new Date(now - 120000).toISOString(), revision: alert.revision };
    history.set(alert.id, [{ action: 'acknowledge', ...acknowledged }]);
    change(alert.id, { acknowledged });
  };
  return [
    { afterMs: 0, run: () => {
      raise({ device: of('water-level', 3), rule: rules('water-level'), value: 1.34, onsetMs: now - 5400000 });
      acknowledge(raise({ device: of('co-room', 5), rule: rules('co-room'), value: 61.5, onsetMs: now - 1500000 }), users.admin);
      acknowledge(raise({ device: of('heat-a1r', 9), rule: rules('heat-a1r', 2), value: 0, onsetMs: now - 92000000 }), users.officer);
      raise({ device: of('zigbee-smoke', 7), rule: rules('zigbee-smoke'), value: 0.21, onsetMs: now - 700000, cleared: now - 400000 });
      raise({ device: of('heat-a1r', 2), rule: rules('heat-a1r'), value: 64.2, onsetMs: now - 300000, drill: true });
      raise({ device: of('door-contact', 4), rule: rules('door-contact'), value: 1, onsetMs: now - 240000, late: true });
      acknowledge(raise({ device: of('co-room', 8), rule: rules('co-room'), value: 55, onsetMs: now - 7200000, cleared: now - 6900000 }), users.admin);
    } },
    { afterMs: 6000, run: () => raise({ device: of('heat-a1r', 0), rule: rules('heat-a1r', 1), value: 41.3 }) },
    { afterMs: 9000, run: () => raise({ device: of('zigbee-smoke', 0), rule: rules('zigbee-smoke'), value: 0.33 }) },
    { afterMs: 14000, run: () => raise({ device: of('heat-a1r', 0), rule: rules('heat-a1r'), value: 58.4 }) },
    { afterMs: 22000, run: () => raise({ device: of('co-room', 1), rule: rules('co-room'), value: 52.1 }) },
    { afterMs: 30000, run: () => raise({ device: of('door-contact', 1), rule: rules('door-contact'), value: 1 }) },
    { afterMs: 38000, run: () => raise({ device: of('water-level', 6), rule: rules('water-level', 1), value: 0 }) },
  ];
}
