import type { Digest, Netmap, NetmapDiff, Network } from '#netmap';
import type { Cause } from '#wire';

/** The netmaps of a tailnet as a stream needs them. */
export interface NetmapSource {
  /** Names the history: SHA-256 of its first event. */
  readonly epoch: Uint8Array;
  /** The newest network, and the newest event in it. */
  readonly latest: Network;
  readonly cause: Cause | undefined;
  /** The network at a revision, while it is remembered. */
  at(revision: number): Network | undefined;
  /** The oldest network that is remembered. */
  readonly oldest: Network;
  /** What a node is told; nothing when the network does not have it. */
  view(network: Network, nodeId: string): Netmap;
  /** The digest of that view, at less than its cost. */
  digest(network: Network, nodeId: string): Digest;
  /** The ids of the nodes that this node sees, and that see it; may repeat itself. */
  peers(network: Network, nodeId: string): Iterable<string>;
  /** What changed for a node between this network and the newest. */
  diff(from: Network, nodeId: string): NetmapDiff;
}
