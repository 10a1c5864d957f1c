import { PresenceDirectory } from '../../../apps/control/src/presence/presence-directory.js';
import { decodePresenceWord, encodePresenceWord } from '../../../apps/control/src/presence/presence-word.js';
import { liveBytes } from './live-bytes.js';

/** What a replica hears of the nodes of other replicas, over the bus. */
export interface Heard {
  readonly words: number;
  /** Of one word on the bus, without Kafka's own. */
  readonly bytes: number;
  /** To read one and to remember it, in nanoseconds of processor time. What the client of Kafka takes is not in it. */
  readonly cpu: number;
  /** What one that is remembered holds, in bytes. */
  readonly live: number;
}

/** Hears where so many nodes are. */
export function hear(words: number): Heard {
  const said = Array.from({ length: words }, (_, i) => {
    const endpoints = [
      `192.0.2.${i % 250}:${41_000 + (i % 999)}`,
      `10.0.0.${i % 250}:41641`,
      `[fd00::${i.toString(16)}]:41641`,
    ];
    const presence = { nodeId: `node_${i}`, online: true, endpoints, lastSeen: 1_790_000_000_000 + i };
    return encodePresenceWord({ presence, replica: `replica_${i % 9}`, generation: 1, sequence: i });
  });
  const live = liveBytes();
  const directory = new PresenceDirectory();
  const before = process.cpuUsage();
  for (const [i, bytes] of said.entries()) directory.take(decodePresenceWord(`node_${i}`, bytes), true, i);
  const { user, system } = process.cpuUsage(before);
  const held = liveBytes() - live;
  if (directory.generation('node_0') !== 1) throw new Error('it has not heard'); // and so it is still there
  return { words, bytes: said[0]?.length ?? 0, cpu: ((user + system) * 1_000) / words, live: held / words };
}
