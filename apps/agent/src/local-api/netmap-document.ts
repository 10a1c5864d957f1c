import { toHex } from '#kernel';
import type { HeldNetmap } from '../netmap/held-netmap.js';

/** A netmap as JSON, its items in the order of their keys. */
export const netmapDocument = ({ epoch, revision, digest, netmap }: HeldNetmap) => ({
  epoch: epoch ? toHex(epoch) : null,
  revision,
  digest: toHex(digest),
  items: [...netmap].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item),
});
