import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { once } from 'node:events';
import { NetfoldError } from '#kernel';
import { forceBuffers, markSocket } from './socket-options.js';
import type { DatagramListener, Endpoint, UdpSocket } from './udp-socket.js';

// A burst of packets must survive a pause of the event loop. Without root the kernel may grant less (net.core.rmem_max).
const BUFFER_BYTES = 4 << 20;

export interface NodeUdpOptions {
  /** The mark (SO_MARK) of what it sends, such as `EXIT_MARK`. Needs root. */
  readonly mark?: number;
}

/** A `UdpSocket` on node:dgram: one socket for each address family on the same port. */
export class NodeUdpSocket implements UdpSocket {
  #closed = false;

  private constructor(
    readonly localPort: number,
    readonly v4: Socket,
    /** Absent on a host without IPv6. */
    readonly v6: Socket | undefined,
  ) {}

  /**
   * @param port 0 for one that the system picks
   * @throws NetfoldError `host.port_in_use`, `host.udp_failed`, `host.need_root` (for a mark only)
   */
  static async bind(port = 0, options: NodeUdpOptions = {}): Promise<NodeUdpSocket> {
    for (let attempt = 1; ; attempt++) {
      const v4 = await bound('udp4', port, options);
      const chosen = v4.address().port;
      try {
        return new NodeUdpSocket(chosen, v4, await boundUnlessUnsupported(chosen, options));
      } catch (error) {
        v4.close();
        // The system picked a port that only IPv4 has free: another one will do.
        if (port !== 0 || attempt === 8) throw error;
      }
    }
  }

  onDatagram(listener: DatagramListener): void {
    for (const socket of [this.v4, this.v6]) {
      socket?.removeAllListeners('message');
      socket?.on('message', listener);
    }
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    if (this.#closed) return;
    const socket = to.address.includes(':') ? this.v6 : this.v4;
    // dgram keeps the memory until the kernel has it, the caller may not wait for that: hence the copy.
    socket?.send(bytes.slice(), to.port, to.address, ignore);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closing = [this.v4, this.v6].map(async (socket) => {
      if (!socket) return;
      socket.close();
      await once(socket, 'close');
    });
    await Promise.all(closing);
  }
}

// A datagram that cannot be sent now (no route, buffer full) is a lost datagram; those above resend.
const ignore = (): void => {};

async function bound(type: SocketType, port: number, { mark }: NodeUdpOptions): Promise<Socket> {
  const socket = createSocket({
    type,
    ipv6Only: type === 'udp6',
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
    // Endpoints hold addresses, never names: nothing to look up, and nothing to wait for.
    lookup: (host, _options, done) => done(null, host, type === 'udp6' ? 6 : 4),
  });
  const outcome = once(socket, 'listening');
  socket.bind(port);
  try {
    await outcome.catch((error: unknown) => {
      throw bindFailure(error, port);
    });
    forceBuffers(socket, BUFFER_BYTES);
    if (mark !== undefined) markSocket(socket, mark);
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', ignore);
  return socket;
}

async function boundUnlessUnsupported(port: number, options: NodeUdpOptions): Promise<Socket | undefined> {
  try {
    return await bound('udp6', port, options);
  } catch (error) {
    const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
    if (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL') return undefined;
    throw error;
  }
}

function bindFailure(cause: unknown, port: number): NetfoldError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new NetfoldError(
      {
        code: 'host.port_in_use',
        message: `UDP port ${port} is in use by another program`,
        hint: 'choose another port, or 0 for any that is free',
      },
      { cause },
    );
  }
  return new NetfoldError(
    { code: 'host.udp_failed', message: `cannot open UDP port ${port}: ${code ?? cause}` },
    { cause },
  );
}
