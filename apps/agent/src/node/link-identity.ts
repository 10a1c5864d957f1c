import type { LinkIdentity } from '../link/link-session.js';
import { streamNumbers } from '../link/stream-numbers.js';
import type { KeyStore } from '../state/key-store.js';
import type { Membership } from '../state/membership.js';
import type { NodePorts } from './node-ports.js';

/** Whose link it is. */
interface Owner {
  readonly ports: NodePorts;
  readonly keys: KeyStore;
  readonly membership: NonNullable<Membership>;
}

/** Who a node is to the control plane. */
export const linkIdentity = ({ ports, keys, membership }: Owner): LinkIdentity => ({
  nodeId: membership.nodeId,
  clientVersion: ports.version,
  os: ports.os,
  sign: (bytes) => ports.crypto.sign(keys.machine.privateKey, bytes),
  nextStreamNumber: streamNumbers(ports.wallClock),
});
