import { formatAddress } from '#net';
import { encodeError } from '../icmp.js';
import type { IpPacket } from '../ip-packet.js';
import { encodeUdp, type UdpDatagram } from '../udp-datagram.js';
import { UdpRelays } from '../udp-relays.js';
import type { UserspaceHost } from '../userspace-host.js';
import { TcpRelays } from './tcp-relays.js';
import type { UserspaceTcp } from './userspace-tcp.js';

export interface LocalForwardingOptions {
  readonly host: UserspaceHost;
  readonly tcp: UserspaceTcp;
  /** Which ports of this machine peers may reach, as far as the policy lets them: all by default. */
  readonly allows?: (protocol: 'tcp' | 'udp', port: number) => boolean;
  /** Where they lead: 127.0.0.1 by default. */
  readonly target?: string;
}

/**
 * Makes the services of this machine reachable from the mesh: what comes to a port of the node that is not bound goes
 * to the same port of localhost. A connection is only accepted once there is somebody to take it.
 */
export class LocalForwarding {
  readonly #options: LocalForwardingOptions;
  readonly #target: string;
  readonly #relays = new UdpRelays();
  readonly #connections: TcpRelays;

  constructor(options: LocalForwardingOptions) {
    this.#options = options;
    this.#target = options.target ?? '127.0.0.1';
    this.#connections = new TcpRelays(options.tcp, ({ destination: { port } }) =>
      this.#allows('tcp', port) ? { address: this.#target, port } : undefined,
    );
    options.host.onUnboundUdp((packet, datagram) => this.#relay(packet, datagram));
  }

  /** Ends every connection that was forwarded. */
  async close(): Promise<void> {
    this.#options.host.onUnboundUdp(undefined);
    this.#connections.close();
    await this.#relays.close();
  }

  #allows(protocol: 'tcp' | 'udp', port: number): boolean {
    return this.#options.allows?.(protocol, port) ?? true;
  }

  #relay(packet: IpPacket, { sourcePort, destinationPort, data }: UdpDatagram): boolean {
    if (!this.#allows('udp', destinationPort)) return false;
    const { source, destination } = packet;
    const back = { source: destination, destination: source };
    const about = encodeUdp(packet, { sourcePort, destinationPort, data: new Uint8Array(0) });
    const events = {
      answered: (answer: Uint8Array) =>
        this.#options.host.send(
          encodeUdp(back, { sourcePort: destinationPort, destinationPort: sourcePort, data: answer }),
        ),
      refused: () => {
        const error = encodeError(about, destination, 'port-unreachable');
        if (error) this.#options.host.send(error);
      },
    };
    const key = `${formatAddress(source)} ${sourcePort} ${formatAddress(destination)} ${destinationPort}`;
    this.#relays.send(key, { address: this.#target, port: destinationPort }, data, events);
    return true;
  }
}
