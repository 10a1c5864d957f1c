import { expect, test } from '@jest/globals';
import type { Clock } from '#kernel';
import type { Neighbours } from '../cluster/neighbours.js';
import { PresenceDirectory } from '../presence/presence-directory.js';
import type { PresenceWord } from '../presence/presence-word.js';
import type { AgentStream } from './agent-stream.js';
import type { NetmapSource } from './netmap-source.js';
import { StreamHub } from './stream-hub.js';

const clock = (): Clock => ({ now: () => 1_000_000 });
const NODE = 'node_1';
const netmaps = { latest: { nodes: new Map([[NODE, {}]]) } } as unknown as NetmapSource;

/** A replica that says its words into a list, and one node's stream to it. */
function replica(self: string, clock: Clock) {
  const said: PresenceWord[] = [];
  const neighbours = {
    self,
    tellPresence: (_: string, word: PresenceWord) => said.push(word),
  } as unknown as Neighbours;
  const directory = new PresenceDirectory();
  const hub = new StreamHub('tailnet', netmaps, directory, neighbours, clock);
  const goodbyes: string[] = [];
  const stream = { nodeId: NODE, goodbye: (why: string) => goodbyes.push(why) } as unknown as AgentStream;
  return { hub, directory, said, goodbyes, stream };
}

test('two replicas that seem gone to each other, and count a stream alike, do not answer each other for ever', () => {
  const still = clock();
  const [a, b] = [replica('a', still), replica('b', still)];
  for (const { hub, stream } of [a, b]) hub.add(stream, 4);
  const exchange = (): number => {
    let words = 0;
    while (words < 1_000 && (a.said.length > 0 || b.said.length > 0)) {
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        for (const word of from.said.splice(0)) {
          to.hub.heard(word, false);
          words++;
        }
      }
    }
    return words;
  };
  expect(exchange()).toBeLessThan(10);
  expect([a.directory.replicaOf(NODE), b.directory.replicaOf(NODE)]).toEqual(['a', 'b']);
  for (const { hub } of [a, b]) hub.close();
});

test('who hears of an older stream says again, each time, who has the node now', () => {
  const { hub, said, goodbyes, stream } = replica('a', clock());
  hub.add(stream, 4);
  said.splice(0);
  const presence = { nodeId: NODE, online: true, endpoints: [], lastSeen: 0 };
  for (const sequence of [1, 2, 3]) hub.heard({ presence, replica: 'b', generation: 3, sequence }, true);
  expect(said.map(({ generation, presence: { online } }) => [generation, online])).toEqual([
    [4, true],
    [4, true],
    [4, true],
  ]);
  hub.heard({ presence, replica: 'b', generation: 5, sequence: 4 }, true);
  expect(goodbyes).toEqual(['replaced']);
  hub.close();
});
