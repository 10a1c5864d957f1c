import { type SocketPath, socketPathTo } from '../io/socket-address.js';
import type { UdpPath } from '../udp-path.js';

/** Paths that the other thread names, as this one knows them: those of relays as the same object each time. */
export class RelayPaths {
  readonly #known = new Map<string, SocketPath>();

  /** @throws NetfoldError `net.bad_address` */
  at({ key, source, endpoint, relay }: UdpPath): SocketPath {
    if (relay === undefined) return socketPathTo(endpoint);
    const known = this.#known.get(key);
    if (known) return known;
    const path: SocketPath = { key, source, endpoint, relay, name: new Uint8Array(), proven: false };
    this.#known.set(key, path);
    return path;
  }
}
