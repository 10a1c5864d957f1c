import type { PresharedKeyRotation } from '../local-api/messages.js';
import { noSuchNode } from './no-such-node.js';
import type { Node } from './node.js';

/**
 * Begins to agree with a peer on another pre-shared key.
 * @param wanted a name or an address
 * @throws NetfoldError `agent.no_such_node`
 */
export function rotatePresharedKey(node: Node, wanted: string): PresharedKeyRotation {
  const peer = node.findPeer(wanted);
  if (!peer) throw noSuchNode(wanted);
  node.presharedKeys.renew(peer.id);
  return { peer: peer.name };
}
