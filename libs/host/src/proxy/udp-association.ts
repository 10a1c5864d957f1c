import { createSocket, type Socket as DatagramSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { concatBytes } from '#kernel';
import { tryParseAddress } from '#net';
import type { Endpoint, UdpSocket } from '../udp/udp-socket.js';
import type { ResolveName } from './dial.js';
import { encodeDestination, parseDestination, SocksSyntax } from './socks5-messages.js';

/** RFC 1928, 7: two reserved bytes and the fragment's number. */
const HEADER = 3;

/** Opens what a UDP ASSOCIATE asks for, for as long as its connection lasts; answers where its datagrams go. */
export type Associate = (control: Socket) => Promise<Endpoint>;

/**
 * Relays the datagrams of SOCKS5 clients through the tailnet, and never beside it.
 * @param bind makes a UDP port of this node inside the mesh
 */
export const associateThrough =
  (bind: () => UdpSocket, resolve: ResolveName): Associate =>
  async (control) => {
    const client = createSocket(control.localFamily === 'IPv6' ? 'udp6' : 'udp4');
    let relay: UdpAssociation;
    try {
      client.bind(0, control.localAddress);
      await once(client, 'listening');
      relay = new UdpAssociation(client, bind(), resolve, control.remoteAddress);
    } catch (error) {
      client.close();
      throw error;
    }
    const { address, port } = client.address();
    const close = () => relay.close();
    if (control.destroyed) close();
    else control.once('close', close);
    return { address, port };
  };

/** The datagrams of one client. */
class UdpAssociation {
  #client: Pick<RemoteInfo, 'address' | 'port'> | undefined;

  constructor(
    readonly local: DatagramSocket,
    readonly mesh: UdpSocket,
    readonly resolve: ResolveName,
    readonly owner: string | undefined,
  ) {
    local.on('message', (bytes, from) => void this.#send(bytes, from));
    // A client that is gone is noticed when its connection closes.
    local.on('error', () => {});
    mesh.onDatagram((data, from) => this.#receive(data, from));
  }

  close(): void {
    this.local.close();
    void this.mesh.close();
  }

  /** From the client; the first datagram says at which port it is, and others may not join. */
  async #send(bytes: Uint8Array, from: RemoteInfo): Promise<void> {
    if (from.address !== this.owner) return;
    this.#client ??= { address: from.address, port: from.port };
    if (from.port !== this.#client.port || bytes[2] !== 0) return; // fragments need not be supported
    const destination = destinationOf(bytes);
    if (!destination) return;
    const { host, port } = destination.value;
    const address = tryParseAddress(host) ? host : await this.resolve(host).catch(() => undefined);
    if (address !== undefined) this.mesh.send({ address, port }, bytes.subarray(destination.length));
  }

  #receive(data: Uint8Array, { address, port }: Endpoint): void {
    if (!this.#client) return;
    const datagram = concatBytes(new Uint8Array(HEADER), encodeDestination(address, port), data);
    this.local.send(datagram, this.#client.port, this.#client.address);
  }
}

function destinationOf(bytes: Uint8Array): ReturnType<typeof parseDestination> {
  try {
    return parseDestination(bytes, HEADER);
  } catch (error) {
    if (error instanceof SocksSyntax) return undefined;
    throw error;
  }
}
