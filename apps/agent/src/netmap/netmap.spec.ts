import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StateDirectory } from '#host';
import { diffNetmaps, digestOf, type Item, keyOf, type Netmap } from '#netmap';
import { decodeServerMessage, encodeFrame, encodeItem, type Frame } from '#wire';
import { applyFrame, nothingHeld } from './held-netmap.js';
import { NetmapCache } from './netmap-cache.js';

const EPOCH = Uint8Array.of(1, 2);
const route = (prefix: string, via: string): Item => ({ kind: 'route', id: prefix, prefix, via, standby: [] });
const netmapOf = (...items: Item[]): Netmap => new Map(items.map((item) => [keyOf(item), item]));

/** The frame as it arrives: through the wire format. */
function frame(before: Netmap | undefined, after: Netmap, revision: number, change: Partial<Frame> = {}): Frame {
  const diff = diffNetmaps(before ?? new Map(), after);
  const header = {
    epoch: EPOCH,
    revision,
    baseRevision: revision - 1,
    digest: digestOf(after, encodeItem),
    snapshot: !before,
    removed: diff.removed.map(keyOf),
    ...change,
  };
  const message = decodeServerMessage(
    encodeFrame(
      header,
      diff.upserted.map(({ after }) => encodeItem(after)),
    ),
  );
  if (message.kind !== 'frame') throw new Error(message.kind);
  return message.frame;
}

const one = netmapOf(route('10.0.0.0/8', 'n1'), route('10.1.0.0/16', 'n2'));
const two = netmapOf(route('10.0.0.0/8', 'n3'), route('10.2.0.0/16', 'n2'));
const held = () => applyFrame(nothingHeld, frame(undefined, one, 7));

describe('applyFrame', () => {
  it('takes a snapshot, and steps from it', () => {
    expect(held()).toMatchObject({ revision: 7, epoch: EPOCH, digest: digestOf(one, encodeItem) });
    const after = applyFrame(held(), frame(one, two, 8));
    expect(after).toMatchObject({ revision: 8, netmap: two });
    expect(applyFrame(after, frame(undefined, one, 9)).netmap).toEqual(one);
  });

  it.each([
    ['another base', { baseRevision: 6 }, 'agent.netmap_gap'],
    ['another history', { epoch: Uint8Array.of(9) }, 'agent.netmap_gap'],
    ['another digest', { digest: new Uint8Array(32) }, 'agent.netmap_digest'],
    ['a removal that was lost', { removed: [] }, 'agent.netmap_digest'],
  ])('refuses a step with %s', (_, change, code) => {
    const before = held();
    expect(() => applyFrame(before, frame(one, two, 8, change))).toThrow(expect.objectContaining({ code }));
    expect(before.netmap).toEqual(one);
  });

  it('refuses a step when nothing is held', () => {
    expect(() => applyFrame(nothingHeld, frame(one, two, 1))).toThrow(
      expect.objectContaining({ code: 'agent.netmap_gap' }),
    );
  });
});

describe('NetmapCache', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-cache-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const cache = async () => new NetmapCache(await StateDirectory.open(folder));

  it('gives back what was saved, and nothing when nothing was, or it was cleared', async () => {
    expect(await (await cache()).load()).toBeUndefined();
    await (await cache()).save(held());
    expect(await (await cache()).load()).toEqual(held());
    await (await cache()).clear();
    expect(await (await cache()).load()).toBeUndefined();
  });

  it('keeps the newest of many that come at once', async () => {
    const one = await cache();
    let newest = held();
    const saves = [one.save(newest)];
    for (let revision = 8; revision < 30; revision++) {
      newest = { ...newest, revision };
      saves.push(one.save(newest));
    }
    await Promise.all(saves);
    expect((await (await cache()).load())?.revision).toBe(29);
  });

  it('knows a damaged file by its digest, wherever the damage is', async () => {
    await (await cache()).save(held());
    const file = join(folder, 'netmap.bin');
    const good = await readFile(file);
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 0x40;
      await writeFile(file, bad);
      const loaded = await (await cache()).load().catch((error) => error.code);
      // The revision and the epoch are not part of the netmap; the control plane compares them.
      if (typeof loaded === 'object') expect(loaded.netmap).toEqual(one);
      else expect(loaded).toBe('agent.cache_corrupt');
    }
    await writeFile(file, good.subarray(0, good.length / 2));
    await expect((await cache()).load()).rejects.toMatchObject({ code: 'agent.cache_corrupt' });
  });

  it('removes the old netmap when the new one cannot be written: what was revoked must not return', async () => {
    const directory = await StateDirectory.open(folder);
    const cache = new NetmapCache(directory);
    await cache.save(held());
    jest.spyOn(directory, 'write').mockRejectedValue(new Error('ENOSPC: no space left on device'));
    await expect(cache.save(held())).rejects.toMatchObject({ code: 'agent.cache_write' });
    expect(await readdir(folder)).toEqual([]);
  });
});
