import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PresenceDirectory } from './presence-directory.js';
import { decodePresenceWord, encodePresenceWord, type PresenceWord } from './presence-word.js';

const NODE = 'node_1';
const presence = (online: boolean) => ({ nodeId: NODE, online, endpoints: [], lastSeen: 0 });
const word: fc.Arbitrary<PresenceWord> = fc.record({
  presence: fc
    .record({ online: fc.boolean(), endpoints: fc.array(fc.string(), { maxLength: 2 }), lastSeen: fc.nat() })
    .map((presence) => ({ nodeId: NODE, ...presence })),
  replica: fc.constantFrom('a', 'b', 'c'),
  generation: fc.nat(4),
  sequence: fc.nat(4),
});

test('a word survives the bus', () => {
  fc.assert(fc.property(word, (said) => expect(decodePresenceWord(NODE, encodePresenceWord(said))).toEqual(said)));
  expect(() => decodePresenceWord(NODE, new Uint8Array([123]))).toThrow();
});

test('whoever hears the same words, in whatever order and how often, believes the same', () => {
  // What a replica says once more under one number is the same.
  const words = fc.uniqueArray(word, {
    selector: ({ replica, generation, sequence }) => `${replica} ${generation} ${sequence}`,
    maxLength: 8,
  });
  const heard = words.chain((said) =>
    fc.tuple(fc.constant(said), fc.shuffledSubarray([...said, ...said], { minLength: 2 * said.length })),
  );
  fc.assert(
    fc.property(heard, ([said, again]) => {
      const believed = [said, again].map((order) => {
        const directory = new PresenceDirectory();
        for (const one of order) directory.take(one, true, 0);
        return directory.get(NODE);
      });
      expect(believed[1]).toEqual(believed[0]);
    }),
    { numRuns: 1_000 },
  );
});

test('of two that count a stream alike, the one that has the node is believed, also when the other says more', () => {
  const directory = new PresenceDirectory();
  const say = (replica: string, sequence: number, online: boolean) =>
    directory.take({ presence: presence(online), replica, generation: 4, sequence }, true, 0);
  expect([say('b', 0, true), say('a', 0, true)]).toEqual([true, false]);
  expect(say('b', 1, false)).toBe(true);
  expect([directory.replicaOf(NODE), directory.get(NODE)?.online]).toEqual(['a', true]);
  expect(directory.setAlive('a', false, 1)).toEqual([NODE]);
  expect(directory.get(NODE)?.online).toBe(false);
});

test('the word on a later stream wins over a late one on an earlier, whatever the clocks say', () => {
  const directory = new PresenceDirectory();
  const say = (replica: string, generation: number, online: boolean, lastSeen: number) =>
    directory.take(
      { presence: { nodeId: NODE, online, endpoints: [], lastSeen }, replica, generation, sequence: 0 },
      true,
      0,
    );
  expect(say('a', 1, true, 9_000)).toBe(true);
  expect(say('b', 2, true, 10)).toBe(true);
  expect(say('a', 1, false, 99_000)).toBe(false);
  expect(directory.get(NODE)?.online).toBe(true);
});

test('nodes of a replica that is gone are away until it is back, or another has them', () => {
  const directory = new PresenceDirectory();
  const presence = { nodeId: NODE, online: true, endpoints: ['192.0.2.1:1'], lastSeen: 1 };
  directory.take({ presence, replica: 'a', generation: 1, sequence: 0 }, true, 5);
  expect(directory.setAlive('b', false, 6)).toEqual([]);
  expect(directory.setAlive('a', false, 7)).toEqual([NODE]);
  expect([directory.get(NODE)?.online, directory.get(NODE)?.endpoints, directory.heardAt(NODE)]).toEqual([
    false,
    [],
    7,
  ]);
  expect(directory.setAlive('a', false, 8)).toEqual([]);
  expect(directory.setAlive('a', true, 9)).toEqual([NODE]);
  expect(directory.get(NODE)).toBe(presence);
  directory.setAlive('a', false, 10);
  directory.take({ presence, replica: 'b', generation: 2, sequence: 0 }, true, 11);
  expect(directory.setAlive('a', true, 12)).toEqual([]);
  expect(directory.get(NODE)?.online).toBe(true);
});
