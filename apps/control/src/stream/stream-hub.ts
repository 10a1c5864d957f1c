import type { Clock } from '#kernel';
import type { PeerPresence, PresenceReport } from '#wire';
import type { NetmapStep } from '../netmap/netmap-projection.js';
import type { PresenceBus } from '../presence/presence-bus.js';
import type { PresenceDirectory } from '../presence/presence-directory.js';
import type { AgentStream } from './agent-stream.js';
import type { NetmapSource } from './netmap-source.js';
import { PresenceSpread } from './presence-spread.js';

/** The streams of a tailnet's agents that this process holds: who must hear of what. */
export class StreamHub {
  readonly #byNode = new Map<string, AgentStream>();
  readonly #spread = new PresenceSpread((nodeIds) => this.#tell(nodeIds));

  constructor(
    private readonly tailnetId: string,
    private readonly netmaps: NetmapSource,
    private readonly presence: PresenceDirectory,
    private readonly bus: PresenceBus,
    private readonly clock: Clock,
  ) {}

  get streams(): Iterable<AgentStream> {
    return this.#byNode.values();
  }

  get size(): number {
    return this.#byNode.size;
  }

  streamOf(nodeId: string): AgentStream | undefined {
    return this.#byNode.get(nodeId);
  }

  has(nodeId: string): boolean {
    return this.#byNode.has(nodeId);
  }

  /** A node has one stream: a second one replaces the first, which is then the remains of a broken connection. */
  add(stream: AgentStream): void {
    const older = this.#byNode.get(stream.nodeId);
    this.#byNode.set(stream.nodeId, stream);
    older?.goodbye('replaced', 0);
    const { endpoints = [], takesLetters } = this.presence.get(stream.nodeId) ?? {};
    this.#publish(stream.nodeId, true, endpoints, takesLetters);
  }

  remove(stream: AgentStream): void {
    stream.close();
    if (this.#byNode.get(stream.nodeId) !== stream) return;
    this.#byNode.delete(stream.nodeId);
    if (this.netmaps.latest.nodes.has(stream.nodeId)) this.#publish(stream.nodeId, false, []);
  }

  report(stream: AgentStream, { endpoints, takesLetters }: PresenceReport): void {
    if (this.#byNode.get(stream.nodeId) === stream) this.#publish(stream.nodeId, true, endpoints, takesLetters);
  }

  /** An event changed netmaps. */
  changed({ before, affected }: NetmapStep): void {
    for (const nodeId of this.size > 0 ? affected() : []) this.#byNode.get(nodeId)?.touch(before);
  }

  /** The bus says how a node can be reached now. */
  heard(presence: PeerPresence): void {
    this.presence.put(presence);
    this.#spread.add(presence.nodeId);
  }

  close(): void {
    this.#spread.close();
  }

  #publish(nodeId: string, online: boolean, endpoints: readonly string[], takesLetters = false): void {
    const presence = { nodeId, online, endpoints, lastSeen: this.clock.now(), ...(takesLetters && { takesLetters }) };
    this.bus.publish(this.tailnetId, presence);
  }

  #tell(nodeIds: Iterable<string>): void {
    const { latest } = this.netmaps;
    for (const nodeId of nodeIds) {
      for (const peer of this.netmaps.peers(latest, nodeId)) this.#byNode.get(peer)?.touchPresence(nodeId);
    }
  }
}
