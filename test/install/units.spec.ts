import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { agentSocket, agentStateDirectory } from '../../apps/agent/src/local-api/agent-paths.js';
import { readUnit } from './unit-file.js';

const read = async (role: string) => readUnit(await readFile(`infra/systemd/netfold-${role}.service`, 'utf8'));
const words = (unit: Map<string, string[]>, name: string): string[] =>
  (unit.get(`Service.${name}`) ?? []).flatMap((value) => value.split(' ').filter(Boolean));

const LOCKED = {
  NoNewPrivileges: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  PrivateTmp: 'yes',
  DevicePolicy: 'closed',
  ProtectClock: 'yes',
  ProtectControlGroups: 'yes',
  ProtectHostname: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  ProtectProc: 'invisible',
  RestrictNamespaces: 'yes',
  RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes',
  LockPersonality: 'yes',
  SystemCallArchitectures: 'native',
  StateDirectoryMode: '0700',
  UMask: '0077',
};

describe.each(['agent', 'server'])('netfold-%s.service', (role) => {
  it('locks what it does not need', async () => {
    const unit = await read(role);
    for (const [name, value] of Object.entries(LOCKED)) expect([name, words(unit, name)]).toEqual([name, [value]]);
    expect(words(unit, 'RestrictAddressFamilies')).toEqual(['AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_UNIX']);
    expect(words(unit, 'SystemCallFilter')[0]).toBe('@system-service');
  });

  it('starts the command of its name, at boot', async () => {
    const unit = await read(role);
    expect(words(unit, 'ExecStart')).toEqual(
      expect.arrayContaining(['@NODE@', '@PACKAGE@/dist/apps/cli/src/main.js', role]),
    );
    expect(unit.get('Install.WantedBy')).toEqual(['multi-user.target']);
    expect(words(unit, 'StateDirectory')).toEqual([`netfold/${role}`]);
  });

  const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  (systemd ? it : it.skip)('is understood by systemd, which finds little exposed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netfold-unit-'));
    const file = join(folder, `netfold-${role}.service`);
    const text = await readFile(`infra/systemd/netfold-${role}.service`, 'utf8');
    await writeFile(file, text.replace('@NODE@', process.execPath).replace('@PACKAGE@', process.cwd()));
    const analyze = (...what: string[]) => spawnSync('systemd-analyze', [...what, file], { encoding: 'utf8' });
    const verified = analyze('verify', '--man=no');
    expect(`${verified.stdout}${verified.stderr}`).not.toContain(`netfold-${role}`);
    const exposure = /exposure level for \S+: ([\d.]+)/.exec(
      analyze('security', '--offline=true', '--no-pager').stdout,
    );
    if (exposure) expect(Number(exposure[1])).toBeLessThan(3); // systemd below 250 cannot tell
    await rm(folder, { recursive: true });
  });
});

describe('netfold-agent.service', () => {
  const root = { env: {}, home: '/root', uid: 0 };

  it('has its files where the command line looks for them', async () => {
    const unit = await read('agent');
    expect(`/var/lib/${words(unit, 'StateDirectory')[0]}`).toBe(agentStateDirectory(root));
    expect(`/run/${words(unit, 'RuntimeDirectory')[0]}/agent.sock`).toBe(agentSocket(root));
  });

  it('has the two powers that it needs, one device, and one folder beside its own', async () => {
    const unit = await read('agent');
    expect(words(unit, 'CapabilityBoundingSet')).toEqual(['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE']);
    expect(words(unit, 'AmbientCapabilities')).toEqual([]);
    expect(unit.get('Service.DeviceAllow')).toEqual(['/dev/net/tun rw']);
    expect(words(unit, 'ReadWritePaths')).toEqual(['/etc', '-/run/resolvconf']);
  });
});

describe('netfold-server.service', () => {
  it('is no root, and can do nothing but listen', async () => {
    const unit = await read('server');
    expect(words(unit, 'DynamicUser')).toEqual(['yes']);
    for (const name of ['CapabilityBoundingSet', 'AmbientCapabilities'])
      expect(words(unit, name)).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(words(unit, 'PrivateDevices')).toEqual(['yes']);
  });

  it('writes the first token, which it prints, to no log', async () => {
    expect(words(await read('server'), 'StandardOutput')).toEqual(['null']);
  });
});
