import { AF_INET, AF_INET6 } from './abi.js';
import { handshakeFilter } from './handshake-filter.js';
import type { SocketPath, SourcePaths } from './socket-address.js';
import { attachFilter, detachFilter } from './socket-filter.js';
import type { UdpSockets } from './udp-sockets.js';

/** Those who were heard last; fewer where a kernel has less room for a program (net.core.optmem_max). */
const MOST_TRUSTED = [600, 120] as const;

/** Has the kernel refuse strangers' handshakes at both sockets. */
export class SocketGate {
  constructor(
    readonly sockets: Pick<UdpSockets, 'v4' | 'v6'>,
    readonly sources: SourcePaths,
  ) {}

  /**
   * Lets initiations through of those who sent something authentic, none of the blocked sources, and of others one in `oneIn`.
   * @param oneIn a power of two
   * @returns whether the kernel does it
   */
  narrow(blocked: readonly SocketPath[], oneIn: number): boolean {
    const isDone = this.#each((family, fd) => {
      const ofFamily = blocked.filter(({ name }) => name[0] === (family === 'v4' ? AF_INET : AF_INET6));
      const proven = this.sources.proven(family);
      return MOST_TRUSTED.some((most) =>
        attachFilter(fd, handshakeFilter(family, { trusted: proven.slice(0, most), blocked: ofFamily, oneIn })),
      );
    });
    if (!isDone) this.open();
    return isDone;
  }

  open(): void {
    this.#each((_, fd) => {
      detachFilter(fd);
      return true;
    });
  }

  #each(does: (family: 'v4' | 'v6', fd: number) => boolean): boolean {
    return (['v4', 'v6'] as const).every((family) => this.sockets[family] < 0 || does(family, this.sockets[family]));
  }
}
