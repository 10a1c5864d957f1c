import { formatPrefix, type Prefix } from '#net';
import type { TunnelPeer } from '#plan';

/** The peers that the netmap gives this node, by node id. */
export type NetmapPeers = ReadonlyMap<string, TunnelPeer>;

/** Which prefixes the netmap has given to which peer: these are nobody else's. */
export class Claims {
  readonly #owners = new Map<string, string>();

  constructor(readonly peers: NetmapPeers) {
    for (const { id, allowedIps } of peers.values()) for (const prefix of allowedIps) this.#owners.set(prefix, id);
  }

  /** The id of the peer that has it, by the netmap. */
  ownerOf(prefix: Prefix): string | undefined {
    return this.#owners.get(formatPrefix(prefix));
  }

  /** Those that the netmap says nothing about. */
  free(prefixes: readonly Prefix[]): Prefix[] {
    return prefixes.filter((prefix) => this.ownerOf(prefix) === undefined);
  }
}
