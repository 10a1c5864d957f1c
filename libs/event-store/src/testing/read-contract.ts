import { describe, expect, test } from '@jest/globals';
import type { ReadOptions } from '../event-store.js';
import { memoryEventStore } from '../memory/memory-event-store.js';
import { verifyChain } from '../verify-chain.js';
import { collect, sealedEvent, testAppends } from './fixtures.js';
import type { StoreUnderTest } from './store-under-test.js';

export function readContract(subject: StoreUnderTest): void {
  const write = async (stream: string, appends: number, size: number) => {
    const all = testAppends(stream, appends, size);
    await Promise.all(all.map((events) => subject.append(events)));
    return all.flat();
  };

  describe('read', () => {
    test.each<[string, ReadOptions, number[]]>([
      ['everything', {}, [0, 1, 2, 3, 4]],
      ['from a revision', { from: 3 }, [3, 4]],
      ['from the end on', { from: 5 }, []],
      ['at most so many', { from: 1, limit: 2 }, [1, 2]],
      ['nothing at all', { limit: 0 }, []],
      ['backwards', { backwards: true }, [4, 3, 2, 1, 0]],
      ['the last', { backwards: true, limit: 1 }, [4]],
      ['backwards from a revision', { backwards: true, from: 2 }, [2, 1, 0]],
      ['backwards from beyond the end', { backwards: true, from: 99, limit: 2 }, [4, 3]],
      ['backwards from before the start', { backwards: true, from: -1 }, []],
    ])('%s', async (_, options, expected) => {
      await write(subject.stream('other'), 2, 3);
      await write(subject.stream(), 5, 1);
      const events = await collect(subject.store.read(subject.stream(), options));
      expect(events.map(({ revision }) => revision)).toEqual(expected);
    });

    test.each([{}, { backwards: true }])('a long stream with %p', async (options) => {
      const events = await write(subject.stream(), 10, 70);
      const read = (await collect(subject.store.read(subject.stream(), options))).map(sealedEvent);
      expect(read).toEqual('backwards' in options ? events.toReversed() : events);
      const some = await collect(subject.store.read(subject.stream(), { ...options, limit: 600 }));
      expect(some.map(sealedEvent)).toEqual(read.slice(0, 600));
    });

    test('a stream that does not exist', async () => {
      expect(await collect(subject.store.read(subject.stream()))).toEqual([]);
      expect(await collect(subject.store.read(subject.stream(), { backwards: true }))).toEqual([]);
    });

    test('what was read verifies against the head', async () => {
      const stream = subject.stream();
      await write(stream, 3, 4);
      const head = await subject.store.head(stream);
      expect(await verifyChain(subject.store.read(stream), { through: head })).toEqual(head);
    });
  });

  describe('hashes', () => {
    test('are those of the events, from any revision on', async () => {
      const hashes = (await write(subject.stream(), 4, 1_050)).map(({ hash }) => hash);
      await write(subject.stream('other'), 1, 2);
      for (const from of [0, 104, 4_095, 4_200, 9_999]) {
        expect((await collect(subject.store.hashes(subject.stream(), from))).flat()).toEqual(hashes.slice(from));
      }
      expect(await collect(subject.store.hashes(subject.stream('none'), 0))).toEqual([]);
    });
  });

  describe('readAll', () => {
    test('is every stream in order of position, wherever it starts', async () => {
      const [a, b] = [subject.stream('tailnet-a'), subject.stream('tailnet-b')];
      await Promise.all([write(a, 150, 2), write(b, 150, 2)]);
      const all = await collect(subject.store.readAll({ after: subject.start }));
      expect(all).toHaveLength(600);
      for (const stream of [a, b]) {
        expect(all.filter((event) => event.stream === stream)).toEqual(await collect(subject.store.read(stream)));
      }
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].toSorted((x, y) => x - y));
      const after = positions[399] ?? 0;
      expect(await collect(subject.store.readAll({ after, limit: 100 }))).toEqual(all.slice(400, 500));
      expect(await collect(subject.store.readAll({ after: positions.at(-1) ?? 0 }))).toEqual([]);
    });

    test('replayed into another store gives the same hashes', async () => {
      const streams = [subject.stream('tailnet-a'), subject.stream('tailnet-b')];
      await Promise.all(streams.map((stream) => write(stream, 10, 3)));
      const copy = memoryEventStore();
      for await (const event of subject.store.readAll({ after: subject.start })) {
        await copy.append(event.stream, event.revision - 1, [event]);
      }
      for (const stream of streams) expect(await copy.head(stream)).toEqual(await subject.store.head(stream));
      await copy.close();
    });
  });

  test('checkpoints are kept by name', async () => {
    const name = subject.stream('projection');
    expect(await subject.store.checkpoint(name)).toBeUndefined();
    await subject.store.saveCheckpoint(name, 7);
    await subject.store.saveCheckpoint(name, 41);
    expect(await subject.store.checkpoint(name)).toBe(41);
    expect(await subject.store.checkpoint(subject.stream('other'))).toBeUndefined();
  });
}
