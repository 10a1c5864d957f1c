import { type Address, compareAddresses, parseAddress } from '#net';
import type { UdpSocket } from '../udp/udp-socket.js';
import type { Attachment, SendPacket } from './attachment.js';
import { EchoService, type PingOutcome } from './echo-service.js';
import { type IpPacket, PROTOCOL } from './ip-packet.js';
import { noAddress } from './no-address.js';
import { UdpPorts, type UnboundHandler } from './udp-ports.js';

/** Takes the whole packets of one IP protocol; it answers with `UserspaceHost.send`. */
export type ProtocolHandler = (now: number, packet: IpPacket) => void;

export interface UserspaceHostOptions {
  readonly addresses?: readonly string[];
  /** The identifier of its echo requests, 16 bits. */
  readonly echoId?: number;
}

/**
 * A machine in memory with addresses of its own: it answers pings, has UDP ports, and takes handlers for further
 * protocols. It has no clock: whoever carries its packets passes the time, in milliseconds.
 */
export class UserspaceHost implements Attachment {
  readonly #handlers = new Map<number, ProtocolHandler>();
  readonly #echo: EchoService;
  readonly #udp: UdpPorts;
  #addresses: readonly Address[] = [];
  #send: SendPacket = () => {};

  constructor({ addresses = [], echoId = 1 }: UserspaceHostOptions = {}) {
    this.setAddresses(addresses);
    this.#echo = new EchoService((packet) => this.send(packet), echoId);
    this.#udp = new UdpPorts(
      (packet) => this.send(packet),
      (destination) => this.addressTowards(destination),
    );
    for (const protocol of [PROTOCOL.icmp, PROTOCOL.icmpv6]) {
      this.handle(protocol, (now, packet) => this.#echo.receive(now, packet));
    }
    this.handle(PROTOCOL.udp, (_now, packet) => this.#udp.receive(packet));
  }

  /** @throws NetfoldError `net.bad_address` */
  setAddresses(addresses: readonly string[]): void {
    this.#addresses = addresses.map(parseAddress);
  }

  hasAddress(address: Address): boolean {
    return this.#addresses.some((own) => compareAddresses(own, address) === 0);
  }

  /** Its first address of the same family. */
  addressTowards(destination: Address): Address | undefined {
    return this.#addresses.find((own) => own.length === destination.length);
  }

  /** @throws NetfoldError `host.no_address` */
  requireAddressTowards(destination: Address): Address {
    const source = this.addressTowards(destination);
    if (!source) throw noAddress(destination);
    return source;
  }

  /** Gives the packets of a protocol to this handler, in place of the one before. */
  handle(protocol: number, handler: ProtocolHandler): void {
    this.#handlers.set(protocol, handler);
  }

  connect(send: SendPacket): void {
    this.#send = send;
  }

  send(packet: IpPacket): void {
    this.#send(packet);
  }

  receive(now: number, packet: IpPacket): void {
    if (this.hasAddress(packet.destination)) this.#handlers.get(packet.protocol)?.(now, packet);
  }

  /**
   * @param port 0 for one that is free
   * @throws NetfoldError `host.port_in_use`
   */
  bindUdp(port = 0): UdpSocket {
    return this.#udp.bind(port);
  }

  /** Offers the datagrams to ports that are not bound to this handler; those that it leaves are answered with an error. */
  onUnboundUdp(handler: UnboundHandler | undefined): void {
    this.#udp.unbound = handler;
  }

  /**
   * Sends an echo request; `done` is called once.
   * @param timeout in milliseconds; `advance` must be called when it has passed
   * @throws NetfoldError `net.bad_address`, `host.no_address`
   */
  ping(now: number, address: string, timeout: number, done: PingOutcome): void {
    const destination = parseAddress(address);
    const source = this.requireAddressTowards(destination);
    this.#echo.ping(now, { source, destination }, timeout, done);
  }

  /** Lets time pass: what waits for an answer may give up. */
  advance(now: number): void {
    this.#echo.advance(now);
  }
}
