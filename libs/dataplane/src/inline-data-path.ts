import type { Crypto, CryptoOutcome } from '#crypto';
import { PacketFilter } from '#filter';
import type { Endpoint, Tun, UdpSocket } from '#host';
import { type Clock, NetfoldError, type Problem, problemOf, type Random } from '#kernel';
import { Engine, messageKind, type PeerView } from '#wireguard';
import type { DataPath, DataPathFeatures, DataPathListener } from './data-path.js';
import { isEchoReply } from './echo-reply.js';
import { EngineTimer } from './engine-timer.js';
import { InlineDesk } from './inline-desk.js';
import { pathTo, type UdpPath } from './udp-path.js';

export interface InlineDataPathPorts {
  readonly crypto: Crypto;
  /** How it was chosen, to be shown. */
  readonly cryptos?: readonly CryptoOutcome[];
  readonly random: Random;
  readonly wallClock: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  readonly udp: UdpSocket;
  readonly tun: Tun;
}

/**
 * A data path in this thread, on any interface and socket: packets of the host are noted by the filter, sealed and
 * sent; datagrams are opened, judged by the filter and handed to the host. Who opened interface and socket closes them.
 */
export class InlineDataPath implements DataPath {
  readonly engine: Engine<UdpPath>;
  readonly filter: PacketFilter;
  readonly features: DataPathFeatures;
  readonly #timer: EngineTimer;
  readonly #desk: InlineDesk;
  #listener: DataPathListener | undefined;
  #captured = -1;
  #last: UdpPath | undefined;

  constructor(readonly ports: InlineDataPathPorts) {
    const { crypto, random, wallClock, monotonic, udp, tun } = ports;
    this.filter = new PacketFilter({ seed: new DataView(random.bytes(4).slice().buffer).getUint32(0) });
    this.engine = new Engine<UdpPath>({
      crypto,
      random,
      wallClock,
      mtu: tun.mtu,
      effects: {
        transmit: (path, datagram) => this.#transmit(path, datagram),
        deliver: (peer, packet) => this.#deliver(peer, packet),
        notWireguard: (path, datagram) => this.#listener?.notWireguard(path, datagram),
        event: (event) => {
          if (event.type === 'peer_roamed') this.#desk.prove(event.to);
          if (event.type === 'handshake_completed') this.#desk.prove(event.peer.path);
          this.#listener?.event(event);
        },
      },
    });
    const offload = { tcpOffload: false, udpOffload: false, sendOffload: false, receiveOffload: false };
    this.features = { kind: 'inline', crypto: crypto.name, cryptos: ports.cryptos ?? [], ...offload };
    this.#timer = new EngineTimer(monotonic, () => {
      this.engine.tick(monotonic());
      this.settle();
    });
    this.#desk = new InlineDesk({ engine: this.engine, monotonic, served: () => this.settle() });
    udp.onDatagram((datagram, source) => this.receiveFrom(this.#pathFrom(source), datagram));
    tun.onPackets((packets) => {
      for (const packet of packets) this.send(packet);
      this.settle();
    });
  }

  get localPort(): number {
    return this.ports.udp.localPort;
  }

  setPort(): void {
    throw fixedSocket('its UDP port');
  }

  setMark(): void {
    throw fixedSocket('the mark of its UDP socket');
  }

  listen(listener: DataPathListener): void {
    this.#listener = listener;
  }

  send(packet: Uint8Array): string | undefined {
    const peer = this.engine.destinationOf(packet);
    if (!peer) return undefined;
    const now = this.ports.monotonic();
    this.filter.outbound(now, peer.label, packet);
    this.engine.send(now, packet);
    return peer.label;
  }

  transmit(to: Endpoint, datagram: Uint8Array): void {
    this.ports.udp.send(to, datagram);
  }

  together(tasks: readonly (() => void)[]): readonly (Problem | undefined)[] {
    return tasks.map((task) => {
      try {
        task();
        return undefined;
      } catch (error) {
        return problemOf(error);
      }
    });
  }

  receiveFrom(path: UdpPath, datagram: Uint8Array): void {
    const kind = messageKind(datagram);
    if (kind === 'initiation' || kind === 'response') this.#desk.receive(path, datagram);
    else this.engine.receive(this.ports.monotonic(), path, datagram);
    this.settle();
  }

  captureEchoReplies(identifier: number): void {
    this.#captured = identifier;
  }

  settle(): void {
    this.#timer.schedule(this.engine.nextTimer());
  }

  async close(): Promise<void> {
    this.#timer.stop();
    this.#desk.close();
  }

  #transmit(path: UdpPath, datagram: Uint8Array): void {
    if (path.relay === undefined) this.ports.udp.send(path.endpoint, datagram);
    else this.#listener?.relayed?.(path, datagram);
    if (messageKind(datagram) === 'initiation') this.#listener?.initiationSent(path, datagram);
  }

  #deliver(peer: PeerView<UdpPath>, packet: Uint8Array): void {
    this.#desk.prove(peer.path);
    if (!this.filter.inbound(this.ports.monotonic(), peer.label, packet).allowed) return;
    if (isEchoReply(packet, 0, packet.length, this.#captured)) this.#listener?.echoReply(packet);
    else this.ports.tun.write(packet);
  }

  /** Most datagrams come from where the one before came from. */
  #pathFrom(source: Endpoint): UdpPath {
    const { address, port } = this.#last?.endpoint ?? {};
    if (!this.#last || address !== source.address || port !== source.port) this.#last = pathTo(source);
    return this.#last;
  }
}

const fixedSocket = (what: string): NetfoldError =>
  new NetfoldError({
    code: 'dataplane.fixed_socket',
    message: `a data path without a thread of its own cannot change ${what}`,
    hint: 'start the agent again with what is wanted',
  });
