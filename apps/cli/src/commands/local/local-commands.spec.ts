import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NetfoldError } from '#kernel';
import { type LocalRoutes, LocalServer } from '../../../../agent/src/local-api/local-server.js';
import type { PeerStatus, SelfStatus, Status } from '../../../../agent/src/local-api/status.js';
import { NOW, netfold } from '../../testing/fake-io.js';

let folder: string;
let server: LocalServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-cli-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

/** An agent that answers as the test says. */
async function agent(routes: LocalRoutes): Promise<{ env: Record<string, string> }> {
  server = await LocalServer.listen(join(folder, 'sock'), routes);
  return { env: { NETFOLD_SOCKET: join(folder, 'sock') } };
}

const self: SelfStatus = {
  ID: 'node_1',
  PublicKey: 'nodekey:01',
  HostName: 'laptop',
  DNSName: 'laptop.home.netfold.internal',
  OS: 'linux',
  User: 'alice@example.com',
  Tags: [],
  IPs: ['100.64.0.1', 'fd00::1'],
  Addrs: ['192.0.2.1:41641'],
  Online: true,
  AdvertisedRoutes: ['192.168.1.0/24'],
  PrimaryRoutes: [],
};

const peer = (HostName: string, change: Partial<PeerStatus> = {}): PeerStatus => ({
  ID: `node_${HostName}`,
  PublicKey: `nodekey:${HostName}`,
  HostName,
  DNSName: `${HostName}.home.netfold.internal`,
  OS: 'linux',
  Tags: ['tag:server'],
  IPs: ['100.64.0.20', 'fd00::20'],
  Addrs: [],
  Online: true,
  PrimaryRoutes: [],
  AllowedIPs: [],
  CurAddr: '',
  RxBytes: 0,
  TxBytes: 0,
  Active: false,
  ...change,
});

const status = (change: Partial<Status> = {}): Status => ({
  Version: '0.1.0',
  BackendState: 'Running',
  Ledger: {},
  TUN: true,
  Control: { Connected: true },
  Fallbacks: [],
  Health: [],
  Self: self,
  Peer: Object.fromEntries(
    [
      peer('web-1', { Active: true, CurAddr: '192.0.2.20:41641', TxBytes: 1200, RxBytes: 900 }),
      peer('idle'),
      peer('gone', {
        Online: false,
        LastSeen: new Date(NOW - 3 * 3_600_000).toISOString(),
        Tags: [],
        User: 'bob@example.com',
      }),
    ].map((one) => [one.PublicKey, one]),
  ),
  ...change,
});

describe('netfold status', () => {
  it('is a table of this machine and those it may see', async () => {
    const { code, stdout, stderr } = await netfold(['status'], await agent({ 'GET /status': async () => status() }));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      '100.64.0.1   laptop  alice@example.com  linux  -',
      '100.64.0.20  gone    bob@example.com    linux  offline, last seen 3h ago',
      '100.64.0.20  idle    tag:server         linux  -',
      '100.64.0.20  web-1   tag:server         linux  active; direct 192.0.2.20:41641, tx 1200 rx 900',
      '',
    ]);
  });

  it('says what is wrong beside the table, not in it', async () => {
    const routes = { 'GET /status': async () => status({ Health: ['IPv4 forwarding is off'], Peer: {} }) };
    const { stdout, stderr } = await netfold(['status'], await agent(routes));
    expect(stdout.trim().split('\n').length).toBe(1);
    expect(stderr).toContain('# IPv4 forwarding is off');
  });

  it('says which way of carrying packets is not the best', async () => {
    const routes = { 'GET /status': async () => status({ Fallbacks: ['no UDP_GRO'] }) };
    expect((await netfold(['status'], await agent(routes))).stderr).toBe('\n# no UDP_GRO\n');
  });

  it('gives programs everything', async () => {
    const { stdout } = await netfold(['status', '--json'], await agent({ 'GET /status': async () => status() }));
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(status())));
  });

  it.each([
    ['Stopped', 'netfold is stopped. Start it with: netfold up\n'],
    [
      'NeedsLogin',
      'This machine is not a member of a network. Join with: netfold up --server URL --auth-key-file FILE\n',
    ],
  ] as const)('fails when the machine is %s, and says how to go on', async (BackendState, text) => {
    const routes = { 'GET /status': async () => status({ BackendState, Self: undefined, Peer: {} }) };
    expect(await netfold(['status'], await agent(routes))).toEqual({ code: 1, stdout: text, stderr: '' });
  });

  it('says how to start the agent when there is none', async () => {
    const NETFOLD_SOCKET = join(folder, 'sock');
    expect(await netfold(['status'], { env: { NETFOLD_SOCKET } })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `netfold: no agent is running on this machine (${NETFOLD_SOCKET})\n` +
        '  start it and leave it running: netfold agent\n  or say where it listens: --socket PATH, or NETFOLD_SOCKET\n',
    });
  });
});

describe('netfold up', () => {
  const recorder = () => {
    const seen: unknown[] = [];
    const routes: LocalRoutes = {
      'POST /up': async ({ body }) => {
        seen.push(body);
        return status({ Health: ['a remark'] });
      },
    };
    return { seen, routes };
  };

  it('hands over what was named, and nothing else', async () => {
    const { seen, routes } = recorder();
    const words = [
      '--server',
      'https://x',
      '--advertise-routes',
      '10.0.0.0/8, 192.168.1.0/24',
      '--accept-routes',
      '--userspace',
    ];
    expect(await netfold(['up', ...words], await agent(routes))).toEqual({
      code: 0,
      stdout: 'Success.\na remark\n',
      stderr: '',
    });
    const routesNamed = ['10.0.0.0/8', '192.168.1.0/24'];
    expect(seen).toEqual([
      { serverUrl: 'https://x', advertiseRoutes: routesNamed, acceptRoutes: true, userspace: true },
    ]);
  });

  it('says when an admin has to agree first', async () => {
    const routes = { 'POST /up': async () => status({ BackendState: 'NeedsMachineAuth' }) };
    const { code, stdout } = await netfold(['up'], await agent(routes));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'This machine has asked to join. An admin lets it in with: netfold node approve laptop\n',
    });
  });

  it('takes the key from a file, from standard input, or from the environment', async () => {
    const { seen, routes } = recorder();
    const { env } = await agent(routes);
    await writeFile(join(folder, 'key'), 'nfk_file\n');
    await netfold(['up', '--auth-key-file', join(folder, 'key')], { env });
    await netfold(['up', '--auth-key-file', '-'], { env, stdin: 'nfk_stdin\n' });
    await netfold(['up'], { env: { ...env, NETFOLD_AUTH_KEY: 'nfk_env' } });
    await netfold(['up', '--no-accept-routes', '--advertise-routes', ''], { env });
    expect(seen).toEqual([
      { authKey: 'nfk_file' },
      { authKey: 'nfk_stdin' },
      { authKey: 'nfk_env' },
      { acceptRoutes: false, advertiseRoutes: [] },
    ]);
  });

  it.each([
    [['--auth-key', 'a', '--auth-key-file', 'b'], 'netfold: there are two auth keys (--auth-key)\n  name one of'],
    [['--auth-key-file', '/nowhere/key'], 'netfold: cannot read /nowhere/key: there is no such file (--auth-key-file)'],
    [['--auth-key-file', '-'], 'netfold: standard input is empty (--auth-key-file)'],
    [['--nonsense'], "netfold: unknown option '--nonsense'"],
  ])('refuses %j before it asks anybody', async (words, text) => {
    const { seen, routes } = recorder();
    const { code, stdout, stderr } = await netfold(['up', ...words], await agent(routes));
    expect({ code, stdout, seen }).toEqual({ code: 1, stdout: '', seen: [] });
    expect(stderr).toContain(text);
  });

  it('passes on why the agent refused', async () => {
    const refuse = async () => {
      throw new NetfoldError({
        code: 'auth.bad_key',
        message: 'no tailnet here has this auth key',
        where: '--auth-key',
        hint: 'copy it',
      });
    };
    const { code, stderr } = await netfold(['up'], await agent({ 'POST /up': refuse }));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'netfold: no tailnet here has this auth key (--auth-key)\n  copy it\n',
    });
  });
});

describe('netfold ping', () => {
  const answers = (...rtts: (number | undefined)[]): LocalRoutes => ({
    'POST /ping': async () =>
      (async function* () {
        for (const [sequence, rtt] of rtts.entries()) {
          yield {
            sequence,
            target: '100.64.0.20',
            sentAt: NOW,
            via: 'web-1',
            endpoint: '192.0.2.20:41641',
            ...(rtt !== undefined && { rtt }),
          };
        }
      })(),
  });

  it('prints each answer as it comes', async () => {
    const { code, stdout } = await netfold(['ping', 'web-1', '-c', '2'], await agent(answers(1.234, undefined)));
    expect(stdout).toBe(
      'pong from web-1 (100.64.0.20) via 192.0.2.20:41641 in 1.23 ms\nno answer from 100.64.0.20 (1)\n',
    );
    expect(code).toBe(0);
  });

  it('fails when nothing answered', async () => {
    const { code, stderr } = await netfold(['ping', 'web-1'], await agent(answers(undefined)));
    expect(code).toBe(1);
    expect(stderr).toContain('netfold: web-1 did not answer\n');
  });

  it.each([
    ['-c', 'x'],
    ['-i', '0'],
    ['-W', '-1'],
  ])('refuses %s %s', async (...words) => {
    const { code, stderr } = await netfold(['ping', 'web-1', ...words]);
    expect({ code, said: /It must be a/.test(stderr) }).toEqual({ code: 1, said: true });
  });
});

describe('netfold ip', () => {
  const routes: LocalRoutes = { 'GET /status': async () => status() };
  it.each([
    [[], '100.64.0.1\nfd00::1\n'],
    [['-4'], '100.64.0.1\n'],
    [['-6', 'web-1'], 'fd00::20\n'],
    [['WEB-1.home.netfold.internal.', '-4'], '100.64.0.20\n'],
    [['--json', '-4'], '[\n  "100.64.0.1"\n]\n'],
  ])('%j', async (words, text) =>
    expect(await netfold(['ip', ...words], await agent(routes))).toMatchObject({ code: 0, stdout: text }),
  );

  it('knows no strangers', async () => {
    const { code, stderr } = await netfold(['ip', 'x'], await agent(routes));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'netfold: this machine knows no node "x"\n  see the names it knows with: netfold status\n',
    });
  });
});
