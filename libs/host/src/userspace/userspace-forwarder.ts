import { formatAddress } from '#net';
import { type RunCommand, runCommand } from '../interface/run-command.js';
import type { Attachment, SendPacket } from './attachment.js';
import { decodeEcho, encodeEcho, encodeError } from './icmp.js';
import { type IpPacket, PROTOCOL } from './ip-packet.js';
import { noAddress } from './no-address.js';
import { TcpRelays } from './tcp/tcp-relays.js';
import { UserspaceTcp } from './tcp/userspace-tcp.js';
import { decodeUdp, encodeUdp } from './udp-datagram.js';
import { UdpRelays } from './udp-relays.js';
import type { ProtocolHandler } from './userspace-host.js';

// Each is a process for up to the time below.
const MOST_PINGS = 16;
const PING_SECONDS = 2;

/**
 * The real network of this machine, attached to a userspace stack: what makes a subnet router without root. Datagrams
 * and connections go out of ordinary sockets, and pings by the program `ping`; hosts there see this machine as the sender.
 */
export class UserspaceForwarder implements Attachment {
  readonly #run: RunCommand;
  readonly #relays = new UdpRelays();
  readonly #tcp: UserspaceTcp;
  readonly #connections: TcpRelays;
  #handleTcp: ProtocolHandler = () => {};
  #send: SendPacket = () => {};
  #pings = 0;

  constructor({ run = runCommand }: { readonly run?: RunCommand } = {}) {
    this.#run = run;
    this.#tcp = new UserspaceTcp({
      send: (packet) => this.#send(packet),
      handle: (_protocol, handler) => {
        this.#handleTcp = handler;
      },
      // It stands for other hosts, and opens no connections of its own.
      requireAddressTowards: (destination) => {
        throw noAddress(destination);
      },
    });
    this.#connections = new TcpRelays(this.#tcp, ({ destination }) => destination);
  }

  connect(send: SendPacket): void {
    this.#send = send;
  }

  receive(now: number, packet: IpPacket): void {
    if (packet.protocol === PROTOCOL.tcp) this.#handleTcp(now, packet);
    else if (packet.protocol === PROTOCOL.udp) this.#relay(packet);
    else if (decodeEcho(packet)?.kind === 'request') void this.#ping({ ...packet, payload: packet.payload.slice() });
  }

  /** Lets go of every socket. */
  async close(): Promise<void> {
    this.#connections.close();
    this.#tcp.close();
    await this.#relays.close();
  }

  #relay(packet: IpPacket): void {
    const datagram = decodeUdp(packet);
    if (!datagram || datagram.destinationPort === 0) return; // reserved (RFC 6335, 6): no socket can be sent there
    const { source, destination } = packet;
    const { sourcePort, destinationPort, data } = datagram;
    const key = `${formatAddress(source)} ${sourcePort} ${formatAddress(destination)} ${destinationPort}`;
    const back = { source: destination, destination: source };
    const answered = (answer: Uint8Array) =>
      this.#send(encodeUdp(back, { sourcePort: destinationPort, destinationPort: sourcePort, data: answer }));
    const about = encodeUdp(packet, { ...datagram, data: new Uint8Array(0) });
    const refused = () => {
      const error = encodeError(about, destination, 'port-unreachable');
      if (error) this.#send(error);
    };
    this.#relays.send(key, { address: formatAddress(destination), port: destinationPort }, data, { answered, refused });
  }

  async #ping(request: IpPacket): Promise<void> {
    const echo = decodeEcho(request);
    if (!echo || this.#pings >= MOST_PINGS) return;
    this.#pings++;
    try {
      await this.#run('ping', ['-n', '-c', '1', '-W', `${PING_SECONDS}`, formatAddress(request.destination)]);
      const ends = { source: request.destination, destination: request.source };
      this.#send(encodeEcho(ends, { ...echo, kind: 'reply' }));
    } catch {
      // No answer: none is passed on, and the one who asked gives up as usual.
    } finally {
      this.#pings--;
    }
  }
}
