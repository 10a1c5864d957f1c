import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Machine, Mesh } from '../netns/lab/mesh.js';
import { until } from '../netns/lab/until.js';
import { readUnit } from './unit-file.js';

const NODE = [process.execPath, '--disable-warning=ExperimentalWarning', 'dist/apps/cli/src/main.js'];

/** What the unit leaves to the agent of the powers of root: `-all,+net_admin,…` (setpriv(1)). */
function powers(): string {
  const unit = readUnit(readFileSync('infra/systemd/netfold-agent.service', 'utf8'));
  const kept = unit.get('Service.CapabilityBoundingSet')?.[0]?.split(' ') ?? [];
  return ['-all', ...kept.map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`)].join(',');
}

let mesh: Mesh;
let laptop: Machine;
let router: Machine;

beforeAll(async () => {
  mesh = await Mesh.open();
  await mesh.admin(['set-acl'], '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}');
  [laptop, router] = await Promise.all([
    mesh.join(mesh.lab.host('laptop', '10.9.0.2/24')),
    mesh.join(mesh.lab.host('router', '10.9.0.3/24'), ['--advertise-routes', '192.168.7.0/24']),
  ]);
  await mesh.admin(['route', 'approve', 'router', '192.168.7.0/24']);
  await router.agent.stop();
  const { host } = router;
  router.agent = host.start(
    'agent',
    'setpriv',
    [`--bounding-set=${powers()}`, '--no-new-privs', ...NODE, 'agent', '--state-dir', join(host.folder, 'agent')],
    { NODE_EXTRA_CA_CERTS: join(mesh.lab.folder, 'server.crt') },
  );
  await until('its agent', async () => (await host.netfold(['status'])).code === 0);
});

afterAll(() => mesh?.close());

test('an agent with the powers that its unit leaves to it has its interface, and stands in for a subnet', async () => {
  await until('an answer', async () => (await laptop.host.netfold(['ping', '-c', '1', 'router'])).code === 0);
  const status = await until('an agent without complaints', async () => {
    const now = JSON.parse((await router.host.netfold(['status', '--json'])).stdout);
    const complaints = now.Health.filter((line: string) => !line.includes('forwarding is off'));
    return now.Control.Connected && now.Self.PrimaryRoutes.length > 0 && complaints.length === 0 && now;
  });
  expect(status).toMatchObject({ BackendState: 'Running', TUN: true });
  expect(status.Self.PrimaryRoutes).toEqual(['192.168.7.0/24']);
  await until('source NAT', async () =>
    (await router.host.run('nft', ['list', 'ruleset'])).stdout.includes('masquerade'),
  );
});

test('answers about names', async () => {
  await until('the names', async () => readFileSync(router.host.resolvConf, 'utf8').includes('100.100.100.100'));
  const found = async () => (await router.host.run('dig', ['+short', '+search', 'laptop'])).stdout;
  await until('an address', async () => /^100\.64\./.test(await found()));
});

test('and has no other power', async () => {
  // Each program on the way to it has made itself into the next one.
  const status = readFileSync(`/proc/${router.agent.process.pid}/status`, 'utf8');
  const bounding = /^CapBnd:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '';
  // CAP_NET_ADMIN is 12 and CAP_NET_BIND_SERVICE 10 (linux/capability.h).
  expect(Number.parseInt(bounding, 16)).toBe((1 << 12) | (1 << 10));
});
