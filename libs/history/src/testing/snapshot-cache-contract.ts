import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SnapshotCache, SnapshotKey } from '../snapshot/snapshot-cache.js';

const key = (revision: number, part: SnapshotKey['part'] = 'state', stream = 'tailnet-a'): SnapshotKey => ({
  stream,
  revision,
  part,
});

/** What every adapter of `SnapshotCache` must do. Call it in the adapter's spec. */
export function snapshotCacheContract(name: string, open: () => SnapshotCache): void {
  describe(`snapshot cache contract: ${name}`, () => {
    let cache: SnapshotCache;
    beforeEach(() => {
      cache = open();
    });

    test('what is written is read, and listed in order', async () => {
      for (const revision of [20_000, 5, 100]) await cache.write(key(revision), Uint8Array.of(revision % 251));
      await cache.write(key(7, 'rest'), Uint8Array.of(7));
      await cache.write(key(9, 'state', 'tailnet-b'), Uint8Array.of(9));
      expect(await cache.revisions('tailnet-a', 'state')).toEqual([5, 100, 20_000]);
      expect(await cache.revisions('tailnet-a', 'rest')).toEqual([7]);
      expect([...((await cache.read(key(100))) ?? [])]).toEqual([100]);
    });

    test('there is nothing where nothing was written', async () => {
      expect(await cache.revisions('tailnet-a', 'state')).toEqual([]);
      expect(await cache.read(key(1))).toBeUndefined();
      await cache.write(key(1), Uint8Array.of(1));
      expect(await cache.read(key(1, 'rest'))).toBeUndefined();
      await cache.remove(key(2));
      await cache.discard('tailnet-b');
    });

    test('the same place holds what was written last', async () => {
      const bytes = Uint8Array.of(1, 2, 3);
      await cache.write(key(1), bytes);
      bytes.fill(9);
      expect([...((await cache.read(key(1))) ?? [])]).toEqual([1, 2, 3]);
      await cache.write(key(1), Uint8Array.of(4));
      expect([...((await cache.read(key(1))) ?? [])]).toEqual([4]);
      expect(await cache.revisions('tailnet-a', 'state')).toEqual([1]);
    });

    test('what is removed is gone, and a stream is discarded whole and alone', async () => {
      for (const revision of [1, 2]) await cache.write(key(revision), Uint8Array.of(1));
      await cache.write(key(2, 'rest'), Uint8Array.of(1));
      await cache.write(key(3, 'state', 'tailnet-b'), Uint8Array.of(1));
      await cache.remove(key(1));
      expect(await cache.revisions('tailnet-a', 'state')).toEqual([2]);
      await cache.discard('tailnet-a');
      expect([await cache.revisions('tailnet-a', 'state'), await cache.revisions('tailnet-a', 'rest')]).toEqual([
        [],
        [],
      ]);
      expect(await cache.revisions('tailnet-b', 'state')).toEqual([3]);
    });
  });
}
