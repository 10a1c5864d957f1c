import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunCommand } from '../interface/run-command.js';
import { StateDirectory } from '../state/state-directory.js';
import { findSystemResolver } from './find-system-resolver.js';
import { ResolvConfFile } from './resolv-conf-file.js';
import type { SystemResolver } from './system-resolver.js';

const SETTINGS = {
  nameserver: '100.100.100.100',
  searchDomains: ['home.netfold.internal'],
  domains: ['home.netfold.internal', 'corp.example.com'],
};
const BEFORE = '# by hand\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nsearch lan\noptions edns0 trust-ad\n';

let folder: string;
let file: string;
let state: StateDirectory;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-resolver-'));
  file = join(folder, 'resolv.conf');
  state = await StateDirectory.open(join(folder, 'state'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A host on which these programs are there, and what was asked of them. */
function host(...programs: string[]) {
  const said: string[] = [];
  const run: RunCommand = async (command, words, input) => {
    if (!programs.includes(command)) throw new Error(`no ${command}`);
    said.push([command, ...words].join(' ') + (input === undefined ? '' : ` < ${JSON.stringify(input)}`));
    return '';
  };
  return {
    said,
    find: (): Promise<SystemResolver> => findSystemResolver({ interfaceName: 'netfold0', state, file, run }),
  };
}

describe('a plain resolv.conf', () => {
  const read = () => readFileSync(file, 'utf8');

  test('names us while we run, keeps options and search, and comes back as it was', async () => {
    writeFileSync(file, BEFORE);
    const resolver = await host().find();
    expect(resolver.kind).toBe('resolv.conf');
    await resolver.apply(SETTINGS);
    expect(read()).toMatch(/^# Written by netfold\./);
    expect(read().split('\n').slice(1)).toEqual([
      'nameserver 100.100.100.100',
      'search home.netfold.internal lan',
      'options edns0 trust-ad',
      '',
    ]);
    expect(await resolver.upstreams()).toEqual(['192.0.2.53', 'fe80::1%eth0']);
    await resolver.apply({ ...SETTINGS, searchDomains: [] });
    await resolver.restore();
    expect(read()).toBe(BEFORE);
    await resolver.restore();
    expect(read()).toBe(BEFORE);
  });

  test('comes back after a crash, whoever starts next', async () => {
    writeFileSync(file, BEFORE);
    await new ResolvConfFile(file, state).apply(SETTINGS);
    const next = new ResolvConfFile(file, state);
    expect(await next.upstreams()).toEqual(['192.0.2.53', 'fe80::1%eth0']);
    await next.apply(SETTINGS);
    await next.restore();
    expect(read()).toBe(BEFORE);
  });

  test('that somebody else has written meanwhile stays', async () => {
    writeFileSync(file, BEFORE);
    const resolver = new ResolvConfFile(file, state);
    await resolver.apply(SETTINGS);
    writeFileSync(file, 'nameserver 203.0.113.1\n');
    await resolver.restore();
    expect(read()).toBe('nameserver 203.0.113.1\n');
  });

  test('that somebody else has written meanwhile is noticed, asked instead, and what comes back in the end', async () => {
    writeFileSync(file, BEFORE);
    const resolver = new ResolvConfFile(file, state);
    await resolver.apply(SETTINGS);
    const taken = Promise.withResolvers<void>();
    const end = resolver.watch(taken.resolve);
    writeFileSync(file, 'nameserver 203.0.113.1\n');
    await taken.promise;
    end();
    expect(await resolver.upstreams()).toEqual(['203.0.113.1']);
    await resolver.apply(SETTINGS);
    expect(await resolver.upstreams()).toEqual(['203.0.113.1']);
    await resolver.restore();
    expect(read()).toBe('nameserver 203.0.113.1\n');
  });

  test('that was a link is a link again, and what it points to is not touched', async () => {
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run', 'resolv.conf'), BEFORE);
    symlinkSync('run/resolv.conf', file);
    const resolver = new ResolvConfFile(file, state);
    await resolver.apply(SETTINGS);
    expect(lstatSync(file).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(folder, 'run', 'resolv.conf'), 'utf8')).toBe(BEFORE);
    await resolver.restore();
    expect(readlinkSync(file)).toBe('run/resolv.conf');
  });

  test('that is not there appears, and is empty afterwards', async () => {
    const resolver = new ResolvConfFile(file, state);
    expect(await resolver.upstreams()).toEqual([]);
    await resolver.apply(SETTINGS);
    await resolver.restore();
    expect(read()).toBe('');
  });

  test('that cannot be written says what to do instead', async () => {
    mkdirSync(file);
    await expect(new ResolvConfFile(join(file, 'x', 'y'), state).apply(SETTINGS)).rejects.toMatchObject({
      code: 'host.resolver_unwritable',
    });
  });
});

test('systemd-resolved is asked to send us the names of our domains only, and forgets us', async () => {
  writeFileSync(file, 'nameserver 127.0.0.53\noptions edns0\n');
  const { find, said } = host('resolvectl');
  const resolver = await find();
  await resolver.apply(SETTINGS);
  await resolver.apply({ ...SETTINGS, domains: undefined });
  await resolver.restore();
  expect(said).toEqual([
    'resolvectl status',
    'resolvectl dns netfold0 100.100.100.100',
    'resolvectl domain netfold0 home.netfold.internal ~corp.example.com',
    'resolvectl default-route netfold0 no',
    'resolvectl dns netfold0 100.100.100.100',
    'resolvectl domain netfold0 home.netfold.internal ~.',
    'resolvectl default-route netfold0 yes',
    'resolvectl revert netfold0',
  ]);
  expect((await host().find()).kind).toBe('resolv.conf'); // it is named, but it does not run
});

test('resolvconf gets a record of our own', async () => {
  writeFileSync(file, '# Generated by resolvconf\nnameserver 192.0.2.1\n');
  const { find, said } = host('resolvconf');
  const resolver = await find();
  await resolver.apply(SETTINGS);
  writeFileSync(file, '# Generated by resolvconf\nnameserver 100.100.100.100\n');
  expect(await resolver.upstreams()).toEqual(['192.0.2.1']);
  await resolver.restore();
  expect(said[1]).toMatch(/^resolvconf -a netfold0\.netfold < "# Written by netfold\..*nameserver 100\.100\.100\.100/);
  expect(said[2]).toBe('resolvconf -d netfold0.netfold');
});
