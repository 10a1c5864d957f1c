import type { Netmap } from '#netmap';
import type { Letter } from '#wire';
import { keyOf } from '../engine/node-key.js';
import type { Tunnel } from '../engine/tunnel.js';
import type { PairRecords } from '../psk/pair-records.js';
import { PresharedKeys } from '../psk/preshared-keys.js';
import type { KeyStore } from '../state/key-store.js';
import type { Membership } from '../state/membership.js';
import type { NodePorts } from './node-ports.js';

/** Whose tunnels they are. */
interface Owner {
  readonly ports: NodePorts;
  readonly keys: KeyStore;
  readonly membership: NonNullable<Membership>;
}

interface Control {
  /** As it is at the moment. */
  readonly netmap: () => Netmap;
  readonly write: (letter: Letter) => void;
}

/** The pre-shared keys of a node's tunnels; what is known of them is in force when this returns. */
export function nodePresharedKeys(
  { ports, keys, membership }: Owner,
  tunnel: Tunnel,
  pairs: PairRecords,
  { netmap, write }: Control,
): PresharedKeys {
  const startedAt = ports.wallClock.now() - ports.monotonic();
  return new PresharedKeys(
    {
      ...ports,
      now: () => startedAt + ports.monotonic(),
      tunnel,
      ownId: membership.nodeId,
      ownKey: () => keys.node,
      keyOf: (id) => {
        const peer = netmap().get(`peer/${id}`);
        return peer?.kind === 'peer' ? keyOf(peer.nodeKey) : undefined;
      },
      write,
    },
    pairs,
  );
}
