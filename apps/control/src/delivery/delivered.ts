import type { ItemCounts } from './item-counts.js';

/**
 * What became of netmaps at a node, as the server saw it: not events of the ledger, but facts about their effect.
 * - `frame`: the node has acknowledged a frame.
 * - `unchanged`: nothing had to be sent; what the node holds is the netmap of a newer revision too.
 * - `resumed`: the node came back with this netmap. It has held it for some time.
 * - `left`: its stream ended.
 */
export interface Delivered {
  readonly kind: 'frame' | 'unchanged' | 'resumed' | 'left';
  readonly nodeId: string;
  /** The newest revision whose netmap the node is known to hold; -1: none. */
  readonly holds: number;
  /** When the server learnt it, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Of kind `frame`. */
  readonly frame?: DeliveredFrame | undefined;
}

export interface DeliveredFrame {
  readonly revision: number;
  /** The revision that it built on; undefined: a snapshot. */
  readonly base: number | undefined;
  readonly sentAt: number;
  readonly bytes: number;
  readonly counts: ItemCounts;
}
