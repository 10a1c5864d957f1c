import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryRegisters, type Registers } from '#coordination';
import { seededRandom } from '#crypto/testing';
import { NetfoldError } from '#kernel';
import { SharedPersonKeys } from './shared-person-keys.js';

const PEPPER = new Uint8Array(32).fill(7);

const replica = (registers: Registers, seed = 1): Promise<SharedPersonKeys> =>
  SharedPersonKeys.open(registers, PEPPER, seededRandom(seed));

/** A store that may be away. */
function flaky(registers: Registers): { readonly registers: Registers; away: boolean } {
  const self = { away: false, registers };
  const through = <T>(work: () => Promise<T>): Promise<T> =>
    self.away ? Promise.reject(new NetfoldError({ code: 'store.unreachable', message: 'it is away' })) : work();
  self.registers = {
    read: (name) => through(() => registers.read(name)),
    write: (name, version, value) => through(() => registers.write(name, version, value)),
    delete: (name, version) => through(() => registers.delete(name, version)),
    names: (prefix) => through(() => registers.names(prefix)),
    close: () => registers.close(),
  };
  return self;
}

test('a key that is settled is known to whoever starts later, and to whoever asks for it', async () => {
  const store = new MemoryRegisters();
  const [here, there] = [await replica(store), await replica(store, 2)];
  const alice = here.of('alice@example.com');
  expect(here.of('Alice@Example.com')).toEqual(alice);
  expect(await (await replica(store)).idOf('alice@example.com')).toBeUndefined();
  expect(await here.settled()).toBe(true);
  expect((await replica(store)).find(alice.id)).toEqual(alice);
  expect(there.find(alice.id)).toBeUndefined();
  await there.learn([alice.id]);
  expect(there.find(alice.id)).toEqual(alice);
  expect(there.of('ALICE@example.com')).toEqual(alice);
  expect(await there.settled()).toBe(true);
});

test('of two replicas that meet somebody at once one makes the key, and the other seals again', async () => {
  const store = new MemoryRegisters();
  const [here, there] = [await replica(store), await replica(store, 2)];
  const [mine, theirs] = [here.of('alice@example.com'), there.of('alice@example.com')];
  expect(mine.id).not.toBe(theirs.id);
  expect((await Promise.all([here.settled(), there.settled()])).sort()).toEqual([false, true]);
  expect(here.of('alice@example.com')).toEqual(there.of('alice@example.com'));
  expect(await Promise.all([here.settled(), there.settled()])).toEqual([true, true]);
});

test('whoever has sealed with a key that does not count is told, however many seal at once', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { maxLength: 30 }), async (steps) => {
      const store = new MemoryRegisters();
      const replicas = [await replica(store), await replica(store, 2), await replica(store, 3)];
      const sealed = await Promise.all(
        steps.map(async ([at, who]) => {
          const keys = replicas[at];
          if (!keys) return undefined;
          for (let i = 0; i < who; i++) await Promise.resolve();
          const key = keys.of(`p${who}@example.com`);
          return (await keys.settled()) ? { who, id: key.id } : undefined;
        }),
      );
      const later = await replica(store, 4);
      for (const one of sealed) if (one) expect(await later.idOf(`p${one.who}@example.com`)).toBe(one.id);
    }),
    { numRuns: 100 },
  ));

test('who was erased is known nowhere, whatever is asked for or was kept; and comes back as somebody else', async () => {
  const store = new MemoryRegisters();
  const [here, there] = [await replica(store), await replica(store, 2)];
  const { id } = here.of('alice@example.com');
  await here.settled();
  await there.learn([id]);
  await here.erase(id);
  expect([here.find(id), here.of('alice@example.com').id === id]).toEqual([undefined, false]);
  expect((await replica(store)).find(id)).toBeUndefined();
  await there.erase(id); // as every replica does that reads of it
  await there.learn([id]);
  expect(there.find(id)).toBeUndefined();
  await here.settled();
  const again = here.of('alice@example.com').id;
  await there.erase(id);
  expect((await replica(store)).find(again)?.id).toBe(again);
});

test('one who knew nothing of a key can erase it', async () => {
  const store = new MemoryRegisters();
  const [here, there] = [await replica(store), await replica(store, 2)];
  const { id } = here.of('alice@example.com');
  await here.settled();
  await there.erase(id);
  expect((await replica(store)).find(id)).toBeUndefined();
});

test('a store that is away is waited for by whoever learns or erases, and refuses who settles', async () => {
  const store = new MemoryRegisters();
  const here = await replica(store);
  const { id } = here.of('alice@example.com');
  await here.settled();
  const way = flaky(store);
  const there = await replica(way.registers, 2);
  const bob = here.of('bob@example.com').id;
  await here.settled();
  way.away = true;
  there.of('carol@example.com');
  await expect(there.settled()).rejects.toMatchObject({ code: 'store.unreachable' });
  const [learnt, erased] = [there.learn([bob]), there.erase(id)];
  way.away = false;
  await Promise.all([learnt, erased]);
  expect(there.find(bob)?.id).toBe(bob);
  expect((await replica(store)).find(id)).toBeUndefined();
  expect(await there.settled()).toBe(true);
  expect((await replica(store)).find(there.of('carol@example.com').id)).toBeDefined();
});

test('an id that nobody knows is asked for once', async () => {
  let reads = 0;
  const store = new MemoryRegisters();
  const counted: Registers = Object.assign(Object.create(store) as Registers, {
    names: (prefix: string) => store.names(prefix),
    read: (name: string) => {
      reads += 1;
      return store.read(name);
    },
  });
  const keys = await replica(counted);
  await keys.learn(['3f00000000000000', 'zz']);
  const before = reads;
  await keys.learn(['zz', '3f00000000000000']);
  expect(reads).toBe(before);
});
