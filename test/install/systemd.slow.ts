import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../netns/lab/until.js';
import { BootedSystem, cannotBoot } from './booted-system.js';
import { packTarball } from './pack-tarball.js';

const missing = cannotBoot();
if (missing) console.info(`the units are not started by systemd: ${missing}`);

const SERVER = 'netfold-server.service';
const AGENT = 'netfold-agent.service';
const STATE = '/var/lib/private/netfold/server';
const URL = 'http://127.0.0.1:8080';
const SECURE = 'https://localhost:8443';

/** The test suite's own KurrentDB, as a service of the system. */
const STORE = [
  "import { writeFileSync } from 'node:fs';",
  "const folder = '/mnt/checkout/dist/libs/event-store/src/testing/kurrent-server';",
  "const { KurrentServer } = await import(folder + '/kurrent-server.js');",
  "writeFileSync('/run/store-port', String((await KurrentServer.start()).port));",
].join('\n');

/** What a replica needs in /etc/netfold. */
const PREPARE = [
  'umask 077',
  'mkdir /etc/netfold',
  'cd /etc/netfold',
  `cp ${STATE}/server-secret .`,
  'printf unused > store-password',
  'openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -subj /CN=localhost -addext subjectAltName=DNS:localhost',
].join(' && ');

(missing ? describe.skip : describe)('under systemd', () => {
  let folder: string;
  let system: BootedSystem;
  let token = '';
  const install = (...words: string[]) => system.run('/mnt/infra/install.sh', ...words);
  const netfold = (...words: string[]) => system.run('/usr/local/bin/netfold', ...words);
  const status = async () => JSON.parse((await netfold('status', '--json')).stdout || '{}');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-units-'));
    const tarball = await packTarball(folder); // and npm's cache has what it needs: the system has no network
    system = await BootedSystem.boot({
      '/mnt/infra': resolve('infra'),
      '/mnt/made': folder,
      '/mnt/checkout': resolve('.'),
      '/mnt/node': dirname(process.execPath), // which may lie in /tmp
    });
    // As an agent leaves it that root has run by hand.
    await system.run('sh', '-c', 'umask 077; mkdir -p /var/lib/netfold/agent');
    const { code, stderr } = await install('--tarball', join('/mnt/made', basename(tarball)), '--server', '--agent');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('is installed: ') });
  });
  afterAll(async () => {
    await system?.powerOff();
    await rm(folder, { recursive: true });
  });

  it('both services run, and are found little exposed', async () => {
    for (const unit of [SERVER, AGENT]) {
      await until(unit, async () => (await system.property(unit, 'ActiveState')) === 'active');
      expect(await system.property(unit, 'UnitFileState')).toBe('enabled');
      const { stdout } = await system.run('systemd-analyze', 'security', '--no-pager', unit);
      expect(Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(3);
    }
  });

  it('the server serves as a user of its own, and its token is in no log', async () => {
    await until('the server', async () => (await system.run('curl', '-sf', `${URL}/readyz`)).code === 0);
    token = (await netfold('server', 'token', '--state-dir', STATE)).stdout.trim();
    expect(token).not.toBe('');
    const pid = await system.property(SERVER, 'MainPID');
    const { stdout } = await system.run('grep', '-E', '^(Uid|CapEff|NoNewPrivs):', `/proc/${pid}/status`);
    expect(stdout).not.toMatch(/^Uid:\s+0\b/m);
    expect(stdout).toMatch(/^CapEff:\s+0000000000000400$/m); // CAP_NET_BIND_SERVICE (linux/capability.h)
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/m);
    const journal = (await system.run('journalctl', '--no-pager', '--unit', SERVER)).stdout;
    expect(journal).toContain('is ready');
    expect(journal).not.toContain(token);
  });

  it('the agent joins, with an interface', async () => {
    expect(
      await system.tell(`${token}\n`, '/usr/local/bin/netfold', 'login', '--server', URL, '--token-file', '-'),
    ).toMatchObject({ code: 0 });
    const { stdout: key } = await netfold('key', 'create');
    expect(
      await system.tell(key, '/usr/local/bin/netfold', 'up', '--server', URL, '--auth-key-file', '-'),
    ).toMatchObject({ code: 0 });
    await until('the agent', async () => (await status()).Control?.Connected === true);
    expect(await status()).toMatchObject({ BackendState: 'Running', TUN: true });
  });

  it.each([SERVER, AGENT])('%s is started again after it was killed', async (unit) => {
    const before = await system.property(unit, 'MainPID');
    await system.run('systemctl', 'kill', '--signal', 'KILL', unit);
    await until('another process', async () => {
      const now = await system.property(unit, 'MainPID');
      return now !== before && now !== '0';
    });
    await until('the agent', async () => (await status()).Control?.Connected === true);
  });

  it.each([AGENT, SERVER])('%s stops when it is told to, in time and without a complaint', async (unit) => {
    expect(await system.run('systemctl', 'stop', unit)).toMatchObject({ code: 0 });
    expect(await system.property(unit, 'Result')).toBe('success');
    expect(await system.property(unit, 'ActiveState')).toBe('inactive');
  });

  it('the server becomes a replica, with its ledger and its people, while the broker is away', async () => {
    await system.run('systemd-run', '--unit', 'store', '/mnt/node/node', '--input-type=module', '--eval', STORE);
    const port = await until('the store', async () => (await system.run('cat', '/run/store-port')).stdout || undefined);
    const store = `kurrentdb://127.0.0.1:${port}?tls=false`;
    expect(await netfold('replay', '--from', `${STATE}/ledger.db`, '--to', store)).toMatchObject({ code: 0 });
    expect(await system.run('sh', '-c', PREPARE)).toMatchObject({ code: 0 });
    const settings = [
      `NETFOLD_STORE=${store}`,
      'NETFOLD_KAFKA=127.0.0.1:9',
      'NETFOLD_SERVER_OPTIONS=--listen 0.0.0.0:8443 --url https://localhost:8443',
    ];
    await system.tell(settings.join('\n'), 'sh', '-c', 'cat > /etc/default/netfold-server');
    const { code, stderr } = await install('--replica');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('replica.conf') });
    await until('the replica', async () => (await system.run('curl', '-sfk', `${SECURE}/readyz`)).code === 0);
    const trusting = (...words: string[]) =>
      ['env', 'NODE_EXTRA_CA_CERTS=/etc/netfold/tls.crt', '/usr/local/bin/netfold', ...words] as const;
    const same = await netfold('server', 'token', '--secret-file', '/etc/netfold/server-secret');
    expect(same.stdout.trim()).toBe(token);
    const [command, ...login] = trusting('login', '--server', SECURE, '--token-file', '-');
    expect(await system.tell(`${token}\n`, command, ...login)).toMatchObject({ code: 0 });
    const [, ...list] = trusting('node', 'list', '--json');
    expect(JSON.parse((await system.run('env', ...list)).stdout).nodes).toHaveLength(1);
    expect(await system.run('test', '-e', `${STATE}/people.db`)).toMatchObject({ code: 1 }); // its keys are in the store now
    expect(await system.run('systemctl', 'stop', SERVER)).toMatchObject({ code: 0 });
    expect(await system.property(SERVER, 'Result')).toBe('success');
  });

  it('an uninstalled netfold leaves nothing running, and what must be kept', async () => {
    await system.run('systemctl', 'start', SERVER, AGENT);
    expect(await install('--uninstall')).toMatchObject({ code: 0 });
    for (const unit of [SERVER, AGENT]) expect(await system.property(unit, 'LoadState')).toBe('not-found');
    expect((await system.run('pgrep', '--full', 'netfold/dist')).stdout).toBe('');
    expect(await system.run('test', '-s', `${STATE}/server-secret`)).toMatchObject({ code: 0 });
    expect(await install('--uninstall', '--purge')).toMatchObject({ code: 0 });
    expect(await system.run('test', '-e', '/var/lib/private/netfold')).toMatchObject({ code: 1 });
  });
});
