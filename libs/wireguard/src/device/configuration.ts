import type { Path } from '../path.js';
import type { PeerConfig } from './peer-config.js';

/** All that it takes to set up the device again, secrets included: never to be logged. */
export interface EngineConfiguration<P extends Path = Path> {
  /** 32 bytes; undefined before one is set. */
  readonly privateKey: Uint8Array | undefined;
  /** In the same order as in the status. */
  readonly peers: readonly PeerConfig<P>[];
}
