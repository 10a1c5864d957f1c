import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NobleCrypto } from '#crypto';
import { StateDirectory, systemRandom } from '#host';
import { KeyStore } from './key-store.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = async () => KeyStore.open(await StateDirectory.open(folder), new NobleCrypto(), systemRandom);

describe('KeyStore', () => {
  it('makes keys once and keeps them for their owner only', async () => {
    const first = await open();
    const second = await open();
    expect(second.machine).toEqual(first.machine);
    expect(second.node).toEqual(first.node);
    expect(second.disco).toEqual(first.disco);
    expect((await stat(join(folder, 'keys.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps both keys of a rotation across a crash, until one is dropped', async () => {
    const keys = await open();
    const old = keys.node;
    const staged = await keys.stage();
    const restarted = await open();
    expect(restarted.node).toEqual(old);
    expect(restarted.next).toEqual(staged);
    await restarted.promote();
    const again = await open();
    expect(again.node).toEqual(staged);
    expect(again.next).toBeUndefined();
    expect([again.machine, again.disco]).toEqual([keys.machine, keys.disco]);
  });

  it('makes a disco key beside keys of before there were any', async () => {
    const { machine } = await open();
    const { disco, ...older } = JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8'));
    await writeFile(join(folder, 'keys.json'), JSON.stringify(older));
    const after = await open();
    expect(after.machine).toEqual(machine);
    expect(after.disco.publicKey).toHaveLength(32);
    expect((await open()).disco).toEqual(after.disco);
  });

  it('forgets a staged key that was not taken', async () => {
    const keys = await open();
    const old = keys.node;
    await keys.stage();
    await keys.discard();
    expect((await open()).node).toEqual(old);
    expect((await open()).next).toBeUndefined();
  });

  it.each(['', '{', '{"machine":"AA==","node":"AA=="}'])('never replaces a damaged file: %j', async (content) => {
    await writeFile(join(folder, 'keys.json'), content);
    await expect(open()).rejects.toMatchObject({ code: 'agent.state_corrupt', where: join(folder, 'keys.json') });
  });
});
