import type { PeerPresence } from '#wire';
import { type PresenceWord, replaces } from './presence-word.js';

interface Entry {
  readonly word: PresenceWord;
  /** What others are told: that the node is away, once nothing is heard of its replica. */
  readonly shown: PeerPresence;
  /** By this process's clock. */
  readonly heardAt: number;
}

/** The newest that the replicas say of a tailnet's nodes. It begins empty with the process; agents and replicas fill it. */
export class PresenceDirectory {
  readonly #byNode = new Map<string, Entry>();

  get(nodeId: string): PeerPresence | undefined {
    return this.#byNode.get(nodeId)?.shown;
  }

  /** When this process heard of it last, in milliseconds of its own clock: that of a neighbour may be wrong. */
  heardAt(nodeId: string): number | undefined {
    return this.#byNode.get(nodeId)?.heardAt;
  }

  /** Of the newest stream that is known; 0: none is. */
  generation(nodeId: string): number {
    return this.#byNode.get(nodeId)?.word.generation ?? 0;
  }

  /** The replica that has the newest word on a node. */
  replicaOf(nodeId: string): string | undefined {
    return this.#byNode.get(nodeId)?.word.replica;
  }

  /** @param alive whether its replica is @returns false when something newer is known */
  take(word: PresenceWord, alive: boolean, now: number): boolean {
    const { nodeId } = word.presence;
    if (!replaces(word, this.#byNode.get(nodeId)?.word)) return false;
    this.#byNode.set(nodeId, { word, shown: alive ? word.presence : away(word), heardAt: now });
    return true;
  }

  /** A replica is not heard of any more, or is again. @returns the nodes for which that makes a difference */
  setAlive(replica: string, alive: boolean, now: number): string[] {
    const changed: string[] = [];
    for (const [nodeId, { word, shown }] of this.#byNode) {
      if (word.replica !== replica || !word.presence.online || shown.online === alive) continue;
      this.#byNode.set(nodeId, { word, shown: alive ? word.presence : away(word), heardAt: now });
      changed.push(nodeId);
    }
    return changed;
  }

  delete(nodeId: string): void {
    this.#byNode.delete(nodeId);
  }
}

const away = ({ presence }: PresenceWord): PeerPresence => ({ ...presence, online: false, endpoints: [] });
