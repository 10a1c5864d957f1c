import { encodePresenceUpdate, type PeerPresence } from '#wire';

/** Bounds one message, some hundred kilobytes. */
const MAX_PEERS = 2_000;

/** Whose presence an agent has not been told of yet. It holds ids, not messages: each node is told of once, as it is then. */
export class PresenceOutbox {
  readonly #stale = new Set<string>();

  constructor(private readonly directory: Pick<ReadonlyMap<string, PeerPresence>, 'get'>) {}

  get size(): number {
    return this.#stale.size;
  }

  /** Nodes that were never heard of need no word: an agent takes them for offline. */
  add(nodeId: string): void {
    if (this.directory.get(nodeId)) this.#stale.add(nodeId);
  }

  delete(nodeId: string): void {
    this.#stale.delete(nodeId);
  }

  /** The next message, or undefined. */
  take(): Uint8Array | undefined {
    const peers = [];
    for (const nodeId of this.#stale) {
      this.#stale.delete(nodeId);
      const presence = this.directory.get(nodeId);
      if (presence) peers.push(presence);
      if (peers.length >= MAX_PEERS) break;
    }
    return peers.length > 0 ? encodePresenceUpdate(peers) : undefined;
  }
}
