import { AF_INET, AF_INET6 } from './abi.js';
import { initiationFilter } from './initiation-filter.js';
import type { SocketPath, SourcePaths } from './socket-address.js';
import { attachFilter, detachFilter } from './socket-filter.js';
import type { UdpSockets } from './udp-sockets.js';

/** Has the kernel refuse strangers' initiations at both sockets. */
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
      return attachFilter(
        fd,
        initiationFilter(family, { trusted: this.sources.proven(family), blocked: ofFamily, oneIn }),
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
