import type { PipeEnds } from '../io/host-pipe.js';
import type { Workshop } from '../worker/worker-engine.js';
import { MemoryNode } from './memory-node.js';
import { rehearsedPackets } from './rehearsed-packets.js';

/** For documentation (RFC 5737): nobody's. */
const ADDRESSES = ['192.0.2.1', '192.0.2.2'] as const;
/** What the nodes think has passed between two packets, ms: longer than what a mover of packets calls a rest. */
const STEP = 1.5;

/**
 * A packet between two nodes that exist in memory alone, over all that packets take in this thread: the same engine,
 * filter, ciphers and calls. It has V8 compile that before the first real packet comes, and keeps it in the processor's
 * caches, which forget it within milliseconds.
 */
export class Rehearsal {
  readonly #clock = { now: 0 };
  readonly #nodes: readonly [MemoryNode, MemoryNode];
  /** A question of the first node, and the answer of the second, in turns. */
  readonly #packets: readonly Uint8Array[];
  #next = 0;

  /**
   * @param pipes to the hosts of the nodes
   * @param step ms on the clock of the nodes
   */
  constructor(
    workshop: Workshop,
    pipes: readonly [PipeEnds, PipeEnds],
    readonly step = STEP,
  ) {
    const [here, there] = ADDRESSES;
    this.#nodes = [
      new MemoryNode(workshop, here, this.#clock, pipes[0]),
      new MemoryNode(workshop, there, this.#clock, pipes[1]),
    ];
    for (const { host } of this.#nodes) while (host.read()); // of a thread that ended in the middle of it
    this.#nodes[0].knows(this.#nodes[1]);
    this.#nodes[1].knows(this.#nodes[0]);
    this.#packets = rehearsedPackets(here, there);
  }

  /** @returns whether the packet arrived, as all do but the first, which a handshake comes before */
  perform(): boolean {
    this.#clock.now += this.step;
    const isQuestion = this.#next % 2 === 0;
    const [first, second] = this.#nodes;
    const [from, to] = isQuestion ? [first, second] : [second, first];
    from.host.write(this.#packets[this.#next] as Uint8Array);
    this.#next = (this.#next + 1) % this.#packets.length;
    from.turn();
    to.turn();
    return to.host.read() !== undefined;
  }
}
