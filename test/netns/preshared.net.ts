import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Machine, Mesh, reaches, statusOf } from './lab/mesh.js';
import { Pinger } from './lab/pinger.js';
import { until } from './lab/until.js';
import { Wg } from './lab/wg.js';

const ALLOW_ALL = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';

interface PresharedKey {
  readonly State: string;
  readonly InUse?: boolean;
}

let mesh: Mesh;
let laptop: Machine;
let web: Machine;
let address: string;

beforeAll(async () => {
  mesh = await Mesh.open();
  await mesh.admin(['set-acl'], ALLOW_ALL);
  [laptop, web] = await Promise.all([
    mesh.join(mesh.lab.host('laptop', '10.9.0.2/24')),
    mesh.join(mesh.lab.host('web', '10.9.0.3/24')),
  ]);
  address = (await statusOf(web)).Self.IPs[0] as string;
  await reachable();
});

afterAll(() => mesh?.close());

const reachable = () => until('an answer', () => reaches(laptop, address));

async function peerOf(machine: Machine): Promise<{ PresharedKey: PresharedKey }> {
  const { stdout } = await machine.host.netfold(['status', '--json']);
  const [peer] = Object.values((JSON.parse(stdout) as { Peer: Record<string, never> }).Peer);
  if (!peer) throw new Error(`${machine.host.name} sees nobody`);
  return peer;
}

/** The key that the kernel's tool reads off the interface. */
const keyOf = async (machine: Machine) =>
  [...(await new Wg(machine.host, 'netfold0').peers()).values()][0]?.presharedKey ?? '(none)';

const isProtected = async (machine: Machine) => {
  const { State, InUse } = (await peerOf(machine)).PresharedKey;
  return State === 'active' && InUse === true;
};

describe('pre-shared keys of machines with real TUN devices', () => {
  test('are agreed on and in use without anybody asking for it, and hidden', async () => {
    await until('a protected tunnel', async () => (await isProtected(laptop)) && (await isProtected(web)));
    await until('one key', async () => (await keyOf(laptop)) === (await keyOf(web)));
    expect(await keyOf(laptop)).toMatch(/^\S{43}=$/);
    expect(await new Wg(laptop.host, 'netfold0').done('show', 'netfold0')).toContain('preshared key: (hidden)');
    const conf = async (...words: string[]) => (await laptop.host.netfold(['debug', 'wgconf', ...words])).stdout;
    expect(await conf()).toContain('PresharedKey = (hidden)');
    expect(await conf()).not.toContain(await keyOf(laptop));
    expect(await conf('--show-keys')).toContain(`PresharedKey = ${await keyOf(laptop)}`);
  });

  test('are replaced three times under a ping every 10 ms without a lost packet', async () => {
    const ping = Pinger.start(laptop.host, 'preshared', address);
    await until('the ping runs', async () => ping.answers > 50);
    for (const [machine, peer] of [
      [laptop, 'web'],
      [web, 'laptop'],
      [laptop, 'web'],
    ] as const) {
      const before = await keyOf(laptop);
      expect(await machine.host.netfold(['debug', 'rotate-psk', peer])).toMatchObject({ code: 0, stderr: '' });
      await until(
        'another key',
        async () => (await keyOf(laptop)) !== before && (await keyOf(laptop)) === (await keyOf(web)),
      );
      const answered = ping.answers;
      await until('the ping goes on', async () => ping.answers > answered + 100);
    }
    expect(await ping.finish()).toEqual([]);
    await until('a protected tunnel', () => isProtected(laptop));
  });

  test('set by hand come first, until they are taken back', async () => {
    const [here, there] = [new Wg(laptop.host, 'netfold0'), new Wg(web.host, 'netfold0')];
    const [ours, theirs] = [await here.publicKey(), await there.publicKey()];
    const presharedKey = (await here.done('genpsk')).trim();
    await here.set('peer', theirs, 'preshared-key', here.file('psk', presharedKey));
    await there.set('peer', ours, 'preshared-key', there.file('psk', presharedKey));
    await web.host.netfold(['debug', 'rotate-psk', 'laptop']);
    expect([await keyOf(laptop), await keyOf(web)]).toEqual([presharedKey, presharedKey]);
    expect((await peerOf(laptop)).PresharedKey.State).toBe('by-hand');
    await reachable();
    await here.set('peer', theirs, 'remove');
    await there.set('peer', ours, 'remove');
    await until(
      'the agreed key',
      async () => (await keyOf(laptop)) !== presharedKey && (await keyOf(laptop)) === (await keyOf(web)),
    );
    await reachable();
  });
});
