import type { PacketFilter } from '#filter';
import { type Engine, type Peer, TRANSPORT } from '#wireguard';
import { isEchoReply } from '../echo-reply.js';
import type { DatagramInput } from '../io/datagram-input.js';
import type { DatagramOutput } from '../io/datagram-output.js';
import type { SocketPath } from '../io/socket-address.js';
import type { Arena } from '../memory/arena.js';
import type { TunPort } from './tun-port.js';

/** Reads and batches before the other side has its turn. */
const READS_PER_TURN = 64;
const BATCHES_PER_TURN = 4;
const NO_IDENTIFIER = -1;
/** The part of a message before its packet. */
const HEADER = TRANSPORT.header;

export interface MoverParts {
  readonly arena: Arena;
  readonly engine: Engine<SocketPath>;
  readonly filter: PacketFilter;
  readonly tun: TunPort;
  readonly input: DatagramInput;
  readonly output: DatagramOutput;
  readonly onEchoReply: (packet: Uint8Array) => void;
}

/** Moves packets from the interface to the peers, and back. */
export class PacketMover {
  /** Echo replies with this identifier are not the host's. */
  captured = NO_IDENTIFIER;
  #now = 0;

  constructor(readonly parts: MoverParts) {}

  /** Sends what the host has to send. @returns whether the interface is still there */
  sendAll(now: number): boolean {
    const { tun, output } = this.parts;
    let length = 0;
    for (let i = 0; i < READS_PER_TURN; i++) {
      length = tun.read();
      if (length <= 0) break;
      this.#send(now, length);
    }
    output.flush();
    return length >= 0;
  }

  /** Takes in what has arrived at a socket. */
  receiveAll(now: number, fd: number): void {
    const { tun, input, output } = this.parts;
    this.#now = now;
    for (let i = 0; i < BATCHES_PER_TURN; i++) {
      const more = input.receive(fd, this.#take);
      tun.joiner.flush();
      if (!more) break;
    }
    output.flush();
  }

  /** @returns the label of the peer that the packet goes to */
  sendPacket(now: number, packet: Uint8Array): string | undefined {
    const { engine, filter } = this.parts;
    const peer = engine.destinationOf(packet);
    if (!peer) return undefined;
    filter.outbound(now, peer.label, packet);
    engine.send(now, packet);
    return peer.label;
  }

  #send(now: number, length: number): void {
    const { arena, engine, filter, tun, output } = this.parts;
    const count = tun.split(length);
    if (count === 0) return;
    const ready = engine.fastLane.ready(now, arena.bytes, tun.packet, length);
    if (!ready) {
      this.#sendLater(now, count);
      return;
    }
    filter.outbound(now, ready.peer.label, arena.bytes, tun.packet, length);
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const at = output.place;
      const size = count === 1 ? tun.splitter.only(at + HEADER) : tun.splitter.segment(i, at + HEADER);
      const sealed = engine.fastLane.seal(ready, arena.bytes, at, size);
      output.push(ready.path, sealed);
      bytes += sealed;
    }
    engine.fastLane.sent(now, ready, bytes);
  }

  /** Packets that have to wait for a handshake, or go nowhere. */
  #sendLater(now: number, count: number): void {
    const { arena, tun, output } = this.parts;
    for (let i = 0; i < count; i++) {
      const at = output.place;
      const size = count === 1 ? tun.splitter.only(at) : tun.splitter.segment(i, at);
      this.sendPacket(now, arena.bytes.slice(at, at + size));
    }
  }

  readonly #take = (path: SocketPath, offset: number, length: number): void => {
    const { arena, engine } = this.parts;
    if (length < TRANSPORT.overhead || arena.view.getUint32(offset, true) !== TRANSPORT.type) {
      engine.receive(this.#now, path, arena.bytes.slice(offset, offset + length));
      return;
    }
    const size = engine.fastLane.open(this.#now, path, arena.bytes, offset, length);
    const { sender } = engine.fastLane;
    if (size > 0 && sender) this.#deliver(sender, offset + HEADER, size);
  };

  /** A packet that continues a run of one that was let in, with nothing between them, is let in for the same reason. */
  #deliver(sender: Peer<SocketPath>, packet: number, length: number): void {
    const { arena, filter, tun, onEchoReply } = this.parts;
    if (tun.joiner.append(sender, packet, length)) return;
    if (!filter.inbound(this.#now, sender.label, arena.bytes, packet, length).allowed) return;
    if (this.captured !== NO_IDENTIFIER && isEchoReply(arena.bytes, packet, length, this.captured)) {
      onEchoReply(arena.bytes.slice(packet, packet + length));
      return;
    }
    tun.joiner.begin(sender, packet, length);
  }
}
