import type { UdpPath } from '#dataplane';
import type { PeerPresence } from '#wire';
import { parsePath } from './udp-path.js';

/** More are not tried: a peer that lists hundreds must not make this node a source of noise. */
const MOST_CANDIDATES = 8;

interface Reach {
  presence: PeerPresence | undefined;
  /** Best first. */
  candidates: readonly UdpPath[];
  /** The way that an authenticated message came by. */
  proven: UdpPath | undefined;
}

/**
 * The ways in which each peer may be reached, by its own account, beside the way that works. Handshakes go out on all
 * of them; the engine then stays with the one that an answer came from.
 */
export class Reachability {
  readonly #nodes = new Map<string, Reach>();
  /** Whose path has this key. */
  readonly #owners = new Map<string, string>();

  /** Takes what a peer says of itself. */
  learn(presence: PeerPresence): void {
    const candidates = presence.endpoints.map(parsePath).filter((path) => path !== undefined);
    this.#replace(presence.nodeId, { presence, candidates: candidates.slice(0, MOST_CANDIDATES) });
  }

  /** The peer was heard on this path. */
  prove(nodeId: string, proven: UdpPath): void {
    this.#replace(nodeId, { proven });
  }

  forget(nodeId: string): void {
    const reach = this.#nodes.get(nodeId);
    if (reach) for (const { key } of pathsOf(reach)) this.#owners.delete(key);
    this.#nodes.delete(nodeId);
  }

  presenceOf(nodeId: string): PeerPresence | undefined {
    return this.#nodes.get(nodeId)?.presence;
  }

  /** The way to try first. */
  bestOf(nodeId: string): UdpPath | undefined {
    return this.#nodes.get(nodeId)?.candidates[0];
  }

  /** The other ways to whoever is at the end of this one. */
  alternativesTo(path: UdpPath): readonly UdpPath[] {
    const owner = this.#nodes.get(this.#owners.get(path.key) ?? '');
    return owner?.candidates.filter(({ key }) => key !== path.key) ?? [];
  }

  #replace(nodeId: string, change: Partial<Reach>): void {
    const before = this.#nodes.get(nodeId) ?? { presence: undefined, candidates: [], proven: undefined };
    const after = { ...before, ...change };
    for (const { key } of pathsOf(before)) this.#owners.delete(key);
    for (const { key } of pathsOf(after)) this.#owners.set(key, nodeId);
    this.#nodes.set(nodeId, after);
  }
}

const pathsOf = ({ candidates, proven }: Reach): readonly UdpPath[] => (proven ? [...candidates, proven] : candidates);
