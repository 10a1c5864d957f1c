import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NobleCrypto } from '#crypto';
import { StateDirectory, systemRandom } from '#host';
import { FakeNetwork } from '#host/testing';
import { UserspaceHostPort } from '../engine/userspace-host-port.js';
import { KeyStore } from '../state/key-store.js';
import type { Preferences } from '../state/preferences.js';
import { DataPlane } from './data-plane.js';
import type { NodePorts } from './node-ports.js';

const crypto = new NobleCrypto();
let folder: string;
let keys: KeyStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-data-plane-'));
  keys = await KeyStore.open(await StateDirectory.open(folder), crypto, systemRandom);
});
afterEach(() => rm(folder, { recursive: true }));

async function opened(openFastCarrier: NonNullable<NodePorts['openFastCarrier']>): Promise<DataPlane> {
  const network = new FakeNetwork();
  const ports: Partial<NodePorts> = {
    crypto,
    random: systemRandom,
    wallClock: { now: () => 0 },
    monotonic: () => network.now,
    openUdp: async () => network.socket({ address: '192.0.2.1', port: 1000 }),
    openHost: async () => new UserspaceHostPort(),
    openFastCarrier,
  };
  return DataPlane.open(ports as NodePorts, keys, {} as Preferences, 'https://netfold.example.com');
}

test('a thread that cannot run is no reason not to come up: packets go the slow way, which knows why', async () => {
  const problem = { code: 'internal', message: 'no memory is left' };
  const plane = await opened(async () => problem);
  expect(plane.tunnel.path.features.kind).toBe('inline');
  expect(plane.carrier.threadProblem).toEqual(problem);
  await plane.close();
});

test('where no thread is wanted there is nothing to explain', async () => {
  const plane = await opened(async () => undefined);
  expect([plane.tunnel.path.features.kind, plane.carrier.threadProblem]).toEqual(['inline', undefined]);
  await plane.close();
});
