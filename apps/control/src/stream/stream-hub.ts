import type { Clock } from '#kernel';
import type { PresenceReport } from '#wire';
import type { Neighbours } from '../cluster/neighbours.js';
import type { NetmapStep } from '../netmap/netmap-projection.js';
import type { PresenceDirectory } from '../presence/presence-directory.js';
import type { PresenceWord } from '../presence/presence-word.js';
import type { AgentStream } from './agent-stream.js';
import type { NetmapSource } from './netmap-source.js';
import { PresenceSpread } from './presence-spread.js';

/** What an agent says to count its streams is taken up to here: beyond, there would be nothing left to count on. */
const MOST = 2 ** 52;

/** Two replicas that each believe their own word on a node, as the other seems gone, would answer each other for ever. */
const REPEAT_AFTER = 1_000;

interface Held {
  readonly stream: AgentStream;
  readonly generation: number;
  /** When the last word was said once more, by the clock. */
  repeatedAt: number;
}

/** The streams of a tailnet's agents that this process holds: who must hear of what. */
export class StreamHub {
  readonly #byNode = new Map<string, Held>();
  readonly #spread = new PresenceSpread((nodeIds) => this.#tell(nodeIds));
  #sequence = 0;
  #leaving = false;

  constructor(
    private readonly tailnetId: string,
    private readonly netmaps: NetmapSource,
    private readonly presence: PresenceDirectory,
    private readonly neighbours: Neighbours,
    private readonly clock: Clock,
  ) {}

  get streams(): Iterable<AgentStream> {
    return [...this.#byNode.values()].map(({ stream }) => stream);
  }

  get size(): number {
    return this.#byNode.size;
  }

  streamOf(nodeId: string): AgentStream | undefined {
    return this.#byNode.get(nodeId)?.stream;
  }

  /**
   * A node has one stream: a second one replaces the first, which is then the remains of a broken connection.
   * @param streamNumber as the agent counts its streams
   */
  add(stream: AgentStream, streamNumber = 0): void {
    const { nodeId } = stream;
    const older = this.#byNode.get(nodeId);
    const generation = Math.max(Math.min(streamNumber, MOST), this.presence.generation(nodeId) + 1);
    const held = { stream, generation, repeatedAt: Number.NEGATIVE_INFINITY };
    this.#byNode.set(nodeId, held);
    older?.stream.goodbye('replaced', 0);
    this.#repeat(held);
  }

  remove(stream: AgentStream): void {
    stream.close();
    const held = this.#byNode.get(stream.nodeId);
    if (held?.stream !== stream) return;
    this.#byNode.delete(stream.nodeId);
    // Agents that are sent to another replica are there soon, and it says so.
    if (!this.#leaving && this.netmaps.latest.nodes.has(stream.nodeId)) this.#say(held, false, []);
  }

  report(stream: AgentStream, { endpoints, takesLetters }: PresenceReport): void {
    const held = this.#byNode.get(stream.nodeId);
    if (held?.stream === stream) this.#say(held, true, endpoints, takesLetters);
  }

  /** An event changed netmaps. */
  changed({ before, affected }: Pick<NetmapStep, 'before' | 'affected'>): void {
    for (const nodeId of this.size > 0 ? affected() : []) this.streamOf(nodeId)?.touch(before);
  }

  /** A replica says how a node can be reached now. @param alive whether the replica is */
  heard(word: PresenceWord, alive: boolean): void {
    const { nodeId } = word.presence;
    const held = this.#byNode.get(nodeId);
    if (!this.presence.take(word, alive, this.clock.now())) {
      // Whoever listens from now on may be told of this word only: ours has to be the last.
      if (held && word.replica !== this.neighbours.self && this.#mayRepeat(held, word)) this.#repeat(held);
      return;
    }
    this.#spread.add(nodeId);
    if (!held || this.presence.replicaOf(nodeId) === this.neighbours.self) return;
    // The agent has moved; this stream is what it left behind.
    this.#byNode.delete(nodeId);
    held.stream.goodbye('replaced', 0);
  }

  /** A replica has gone, or is back. */
  replica(id: string, alive: boolean): void {
    for (const nodeId of this.presence.setAlive(id, alive, this.clock.now())) this.#spread.add(nodeId);
  }

  /** From now on, streams end because this process does. */
  leave(): void {
    this.#leaving = true;
  }

  close(): void {
    this.#spread.close();
  }

  #say({ stream: { nodeId }, generation }: Held, online: boolean, endpoints: readonly string[], letters = false): void {
    const presence = { nodeId, online, endpoints: [...endpoints], lastSeen: this.clock.now() };
    const word = {
      presence: { ...presence, ...(letters && { takesLetters: true }) },
      replica: this.neighbours.self,
      generation,
      sequence: this.#sequence++,
    };
    this.heard(word, true);
    // Of a stream that was left behind, nobody needs to know that it ended.
    if (this.presence.generation(nodeId) === generation) this.neighbours.tellPresence(this.tailnetId, word);
  }

  /** Whose stream is older gives way to what we say; a rival does not, and may say the same of us. */
  #mayRepeat(held: Held, { generation }: PresenceWord): boolean {
    const now = this.clock.now();
    if (generation === held.generation && now - held.repeatedAt < REPEAT_AFTER) return false;
    held.repeatedAt = now;
    return true;
  }

  #repeat(held: Held): void {
    const { endpoints = [], takesLetters } = this.presence.get(held.stream.nodeId) ?? {};
    this.#say(held, true, endpoints, takesLetters);
  }

  #tell(nodeIds: Iterable<string>): void {
    const { latest } = this.netmaps;
    for (const nodeId of nodeIds) {
      for (const peer of this.netmaps.peers(latest, nodeId)) this.streamOf(peer)?.touchPresence(nodeId);
    }
  }
}
