import { NetfoldError } from '#kernel';
import { type Address, formatAddress, parseAddress } from '#net';
import type { DatagramListener, Endpoint, UdpSocket } from '../udp/udp-socket.js';
import type { SendPacket } from './attachment.js';
import { encodeError } from './icmp.js';
import type { IpPacket } from './ip-packet.js';
import { decodeUdp, encodeUdp, type UdpDatagram } from './udp-datagram.js';

// RFC 6335, section 6.
const FIRST_DYNAMIC = 49_152;
const LAST_PORT = 65_535;

/** Answers whether it took the datagram. The data is only good during the call. */
export type UnboundHandler = (packet: IpPacket, datagram: UdpDatagram) => boolean;

/** The UDP ports of a host in memory. */
export class UdpPorts {
  readonly #sockets = new Map<number, PortSocket>();
  /** Is offered what is for ports that are not bound. */
  unbound: UnboundHandler | undefined;
  #nextDynamic = FIRST_DYNAMIC;

  constructor(
    readonly send: SendPacket,
    /** The host's own address for packets to this one, if it has one of that family. */
    readonly sourceFor: (destination: Address) => Address | undefined,
  ) {}

  /**
   * @param port 0 for one that is free
   * @throws NetfoldError `host.port_in_use`
   */
  bind(port: number): UdpSocket {
    const chosen = port === 0 ? this.#freePort() : port;
    if (this.#sockets.has(chosen)) {
      throw new NetfoldError({ code: 'host.port_in_use', message: `UDP port ${chosen} is bound already` });
    }
    const socket = new PortSocket(chosen, this);
    this.#sockets.set(chosen, socket);
    return socket;
  }

  receive(packet: IpPacket): void {
    const datagram = decodeUdp(packet);
    if (!datagram) return;
    const socket = this.#sockets.get(datagram.destinationPort);
    if (socket) {
      const source = { address: formatAddress(packet.source), port: datagram.sourcePort };
      socket.listener?.(datagram.data.slice(), source);
      return;
    }
    if (this.unbound?.(packet, datagram)) return;
    const error = encodeError(packet, packet.destination, 'port-unreachable');
    if (error) this.send(error);
  }

  release(port: number): void {
    this.#sockets.delete(port);
  }

  #freePort(): number {
    for (let tried = FIRST_DYNAMIC; tried <= LAST_PORT; tried++) {
      const port = this.#nextDynamic;
      this.#nextDynamic = port === LAST_PORT ? FIRST_DYNAMIC : port + 1;
      if (!this.#sockets.has(port)) return port;
    }
    throw new NetfoldError({ code: 'host.port_in_use', message: 'every dynamic UDP port is bound' });
  }
}

class PortSocket implements UdpSocket {
  listener: DatagramListener | undefined;
  #closed = false;

  constructor(
    readonly localPort: number,
    readonly ports: UdpPorts,
  ) {}

  onDatagram(listener: DatagramListener): void {
    this.listener = listener;
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    const destination = parseAddress(to.address);
    const source = this.ports.sourceFor(destination);
    if (this.#closed || !source) return;
    const datagram = { sourcePort: this.localPort, destinationPort: to.port, data: bytes };
    this.ports.send(encodeUdp({ source, destination }, datagram));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.ports.release(this.localPort);
  }
}
