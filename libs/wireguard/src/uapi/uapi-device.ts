import type { Engine } from '../engine.js';
import type { Path } from '../path.js';

/**
 * The part of an engine that the userspace API shows and changes; who stands before one may refuse a change,
 * with a code of `UapiRefusal`.
 */
export type UapiDevice<P extends Path = Path> = Pick<
  Engine<P>,
  'publicKey' | 'configuration' | 'status' | 'peerStatus' | 'setPrivateKey' | 'addPeer' | 'updatePeer' | 'removePeer'
>;
