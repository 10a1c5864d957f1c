import type { PeerPresence } from '#wire';

/** The newest presence of a tailnet's nodes. It begins empty with the process, and agents fill it as they come. */
export class PresenceDirectory {
  readonly #byNode = new Map<string, PeerPresence>();

  get(nodeId: string): PeerPresence | undefined {
    return this.#byNode.get(nodeId);
  }

  put(presence: PeerPresence): void {
    this.#byNode.set(presence.nodeId, presence);
  }

  delete(nodeId: string): void {
    this.#byNode.delete(nodeId);
  }
}
