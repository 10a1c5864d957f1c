import { afterEach, describe, expect, test } from '@jest/globals';
import { LocalBus, REPLICAS } from '#messaging';
import { encodeReplicaWord, type ReplicaWord } from './replica-word.js';
import { Replicas } from './replicas.js';

describe('Replicas', () => {
  const bus = new LocalBus(() => {});
  let open: Replicas[] = [];
  afterEach(async () => {
    for (const replicas of open) await replicas.close();
    open = [];
  });

  function replica(self: string, url?: string) {
    let tick = Promise.withResolvers<void>();
    const changes: string[] = [];
    const replicas = new Replicas(bus, {
      self,
      reads: 1,
      agentsUrl: () => url,
      changed: (id, alive) => {
        changes.push(`${id} ${alive ? 'back' : 'gone'}`);
        tick.resolve();
        tick = Promise.withResolvers();
      },
      beatMs: 2,
    });
    open.push(replicas);
    replicas.announce();
    const until = async (condition: () => boolean) => {
      while (!condition()) await Promise.race([tick.promise, new Promise(setImmediate)]);
    };
    return { replicas, changes, until };
  }

  const say = (word: ReplicaWord) => bus.publish(REPLICAS, { key: 'beat', value: encodeReplicaWord(word) });

  test('hear of each other, this one first, and of who drains', async () => {
    const a = replica('a', 'https://a');
    const b = replica('b', 'https://b');
    await a.until(() => a.replicas.servers.length === 2);
    await b.until(() => b.replicas.servers.length === 2);
    expect([a.replicas.servers, b.replicas.servers]).toEqual([
      ['https://a', 'https://b'],
      ['https://b', 'https://a'],
    ]);
    b.replicas.drain();
    await a.until(() => a.replicas.servers.length === 1);
    expect(b.replicas.servers).toEqual(['https://a']);
    expect(a.replicas.isAlive('b')).toBe(true);
  });

  test('one that says nothing more is gone, and back when it speaks again', async () => {
    const a = replica('a');
    await say({ replica: 'c', state: 'serving' });
    await a.until(() => a.changes.length === 1);
    expect(a.changes).toEqual(['c gone']);
    expect(a.replicas.isAlive('c')).toBe(false);
    await say({ replica: 'c', state: 'serving' });
    await a.until(() => a.changes.length === 2);
    expect(a.changes).toEqual(['c gone', 'c back']);
  });

  test('one that was only heard of is given time, and then gone', async () => {
    const a = replica('a');
    expect(a.replicas.isAlive('unknown')).toBe(true);
    await a.until(() => a.changes.length === 1);
    expect(a.changes).toEqual(['unknown gone']);
  });

  test('its last word is believed at once', async () => {
    const a = replica('a');
    const b = replica('b', 'https://b');
    await a.until(() => a.replicas.servers.length === 1);
    await b.replicas.close();
    await a.until(() => a.changes.includes('b gone'));
    expect(a.replicas.servers).toEqual([]);
  });

  test('while nothing is heard, not even oneself, nobody is taken for gone', async () => {
    const away = new LocalBus(() => {});
    const changes: string[] = [];
    const alone = new Replicas(
      { ...away, publish: () => Promise.reject(new Error('away')), subscribe: away.subscribe.bind(away) } as never,
      { self: 'x', reads: 1, agentsUrl: () => undefined, changed: (id) => changes.push(id), beatMs: 1 },
    );
    open.push(alone);
    alone.announce();
    await away.publish(REPLICAS, { key: 'beat', value: encodeReplicaWord({ replica: 'c', state: 'serving' }) });
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([changes, alone.isAlive('c')]).toEqual([[], true]);
  });
});
