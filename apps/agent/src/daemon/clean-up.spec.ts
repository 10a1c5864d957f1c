import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findSystemResolver, type RunCommand, StateDirectory } from '#host';
import { NetfoldError } from '#kernel';
import { cleanUp } from './clean-up.js';

const BEFORE = 'nameserver 192.0.2.53\n';
const SETTINGS = { nameserver: '100.100.100.100', searchDomains: ['home.netfold.internal'], domains: undefined };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-cleanup-'));
  writeFileSync(join(folder, 'resolv.conf'), BEFORE);
});
afterEach(() => rmSync(folder, { recursive: true }));

const paths = () => ({
  stateDir: join(folder, 'state'),
  socket: join(folder, 'sock'),
  file: join(folder, 'resolv.conf'),
});
const resolvConf = () => readFileSync(paths().file, 'utf8');

/** A host that the kernel says nothing about. */
const run: RunCommand = async (command) => {
  if (command === 'ip') return '[]';
  throw new NetfoldError({ code: `host.no_${command}_tool`, message: 'there is no such program' });
};

test('gives the resolver back, once', async () => {
  const { stateDir, file } = paths();
  const state = await StateDirectory.open(stateDir);
  const resolver = await findSystemResolver({ interfaceName: 'netfold0', state, file, run });
  await resolver.apply(SETTINGS);
  expect(resolvConf()).not.toBe(BEFORE);
  expect(await cleanUp({ ...paths(), run })).toEqual([`${file}, which is as it was before`]);
  expect(resolvConf()).toBe(BEFORE);
  expect(await cleanUp({ ...paths(), run })).toEqual([]);
});

test('leaves a running agent alone', async () => {
  const server = createServer().listen(paths().socket);
  await once(server, 'listening');
  await expect(cleanUp({ ...paths(), run })).rejects.toMatchObject({ code: 'agent.already_running' });
  server.close();
  await once(server, 'close');
});
