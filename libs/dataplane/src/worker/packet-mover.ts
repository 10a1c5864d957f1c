import type { PacketFilter, Sender } from '#filter';
import { type Engine, HANDSHAKE_LENGTHS, type Peer, type Ready, TRANSPORT } from '#wireguard';
import { isEchoReply } from '../echo-reply.js';
import { MOST_PAYLOAD, VNET } from '../io/abi.js';
import type { DatagramInput } from '../io/datagram-input.js';
import type { DatagramOutput } from '../io/datagram-output.js';
import type { SocketPath } from '../io/socket-address.js';
import type { Arena } from '../memory/arena.js';
import { FlowMemo } from './flow-memo.js';
import type { HandshakeDesk } from './handshake-desk.js';
import type { TunPort } from './tun-port.js';

/** Reads, and about how many bytes, before the other side has its turn: what comes then waits for so long. */
const READS_PER_TURN = 64;
const BYTES_PER_TURN = 1 << 19;
/** Without packets for so long, ms, what moves them has left the processor's caches: the next one is slow (test/bench/RESULTS.md). */
const REST = 1;
const NO_IDENTIFIER = -1;
/** A multiple of 16 with the 6 bytes that `apart` is off one. */
const ROOM = 58;
/** The part of a message before its packet. */
const HEADER = TRANSPORT.header;

export interface MoverParts {
  readonly arena: Arena;
  readonly engine: Engine<SocketPath>;
  readonly filter: PacketFilter;
  readonly tun: TunPort;
  readonly input: DatagramInput;
  readonly output: DatagramOutput;
  readonly desk: HandshakeDesk;
  readonly onEchoReply: (packet: Uint8Array) => void;
}

/** Moves packets from the interface to the peers, and back. */
export class PacketMover {
  /** Echo replies with this identifier are not the host's. */
  captured = NO_IDENTIFIER;
  #now = 0;
  /** Where the next packet goes, while packets are of one flow. */
  #ready: Ready<SocketPath> | undefined;
  readonly #flow: FlowMemo;
  /** Of no meaning: what is prefetched has to go somewhere. */
  #prefetched = 0;
  /** Whether packets come in one piece that is to be split. */
  #inBulk = false;
  #movedAt = Number.NEGATIVE_INFINITY;
  /** Whether packets were none for a while: somebody may wait for the next one, which goes out before it is taken note of. */
  #rested = true;

  constructor(readonly parts: MoverParts) {
    this.#flow = new FlowMemo(parts.arena);
  }

  /** Packets are moved from `now` on. */
  begin(now: number): void {
    this.#rested = now - this.#movedAt > REST;
    this.#movedAt = now;
  }

  /** Sends what the host has to send. @returns whether the interface is still there */
  sendAll(now: number): boolean {
    const { tun, output } = this.parts;
    let length = 0;
    let bytes = 0;
    this.#flow.forget();
    for (let i = 0; i < READS_PER_TURN && bytes < BYTES_PER_TURN; i++) {
      const apart = this.#inBulk || this.#rested;
      const header = apart ? tun.apart : output.place + HEADER - VNET.size;
      length = tun.read(header);
      if (length <= 0) break;
      this.#send(now, header, length);
      this.#rested = false;
      bytes += length;
    }
    output.flush();
    return length >= 0;
  }

  /** Takes in a batch of what has arrived at a socket. @returns whether the host got any of it, and may have an answer */
  receiveAll(now: number, fd: number): boolean {
    const { tun, input, output } = this.parts;
    const { written } = tun;
    this.#now = now;
    input.receive(fd, this.#take, this.#expect);
    tun.joiner.flush();
    output.flush();
    return tun.written > written;
  }

  /** Takes in a datagram that came in another way. */
  receiveOne(now: number, path: SocketPath, datagram: Uint8Array): void {
    const { arena, tun } = this.parts;
    if (datagram.length > MOST_PAYLOAD) return;
    this.#now = now;
    // Where packets of the host lie for as long as they are split, which is not now; the cipher needs room before it.
    const place = tun.apart + ROOM;
    arena.bytes.set(datagram, place);
    this.#take(path, place, datagram.length);
    tun.joiner.flush();
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

  #send(now: number, header: number, length: number): void {
    const { engine, output, tun } = this.parts;
    const count = tun.split(header, length);
    if (count === 0) return;
    this.#inBulk = count > 1;
    const isKnown = this.#route(now, header + VNET.size, length);
    const ready = this.#ready;
    if (ready && !isKnown && !this.#rested) this.#note(now, ready, header + VNET.size, length);
    if (count > 1 && header !== tun.apart) this.#setApart(header, length);
    if (!ready) {
      this.#sendLater(now, count);
      return;
    }
    const bytes = this.#sealAll(ready, count);
    if (this.#rested) {
      output.flush();
      this.#note(now, ready, header + VNET.size, length); // which lies apart, and is not what was sealed
    }
    // At once: what the engine may send at this, such as a handshake, goes where the next packet will be read.
    engine.fastLane.sent(now, ready, bytes);
  }

  /** @returns how many bytes were sealed */
  #sealAll(ready: Ready<SocketPath>, count: number): number {
    const { arena, engine, tun, output } = this.parts;
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const at = output.place;
      const size = count === 1 ? tun.splitter.only(at + HEADER) : tun.splitter.segment(i, at + HEADER);
      const sealed = engine.fastLane.seal(ready, arena.bytes, at, size);
      output.push(ready.path, sealed);
      bytes += sealed;
    }
    return bytes;
  }

  /** Looks for the peer that the packet can be sent to at once. @returns whether it is as with the packet before, which the filter knows */
  #route(now: number, packet: number, length: number): boolean {
    const { arena, engine } = this.parts;
    if (this.#flow.follows(packet, length) && this.#ready?.keypair.canSend(now)) return true;
    this.#ready = engine.fastLane.ready(now, arena.bytes, packet, length);
    return false;
  }

  /** The filter lets the answer in. */
  #note(now: number, { peer }: Ready<SocketPath>, packet: number, length: number): void {
    this.parts.filter.outbound(now, this.#known(peer), this.parts.arena.bytes, packet, length);
  }

  /** Takes what is to be split out of the way of what it is split into. */
  #setApart(header: number, length: number): void {
    const { arena, tun } = this.parts;
    arena.work.copy(tun.apart, header, VNET.size + length);
    tun.split(tun.apart, length);
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

  /** The peer as the filter knows it. */
  #known(peer: Peer<SocketPath>): Sender {
    peer.attachment ??= this.parts.filter.sender(peer.label);
    return peer.attachment as Sender;
  }

  /** A batch begins. */
  readonly #expect = (offsets: Int32Array, count: number): void => {
    const { arena, engine } = this.parts;
    this.#prefetched ^= engine.fastLane.prefetch(arena.bytes, offsets, count);
  };

  readonly #take = (path: SocketPath, offset: number, length: number): void => {
    const { arena, engine } = this.parts;
    if (length < TRANSPORT.overhead || arena.view.getUint32(offset, true) !== TRANSPORT.type) {
      if (isHandshake(arena.bytes, offset, length)) this.#takeHandshake(path, offset, length);
      else engine.receive(this.#now, path, arena.bytes.slice(offset, offset + length));
      return;
    }
    const size = engine.fastLane.open(this.#now, path, arena.bytes, offset, length);
    const { sender } = engine.fastLane;
    if (size <= 0 || !sender) return;
    path.proven = true;
    this.#deliver(sender, offset + HEADER, size);
  };

  /** It has to wait; but for what answers nothing that was asked, which ends here. */
  #takeHandshake(path: SocketPath, offset: number, length: number): void {
    const { arena, engine, desk } = this.parts;
    if (engine.fastLane.isAnswerToNothing(arena.bytes, offset)) {
      if (!path.proven) desk.refusals.note(path, false);
    } else desk.queue.push(path, arena.bytes, offset, length);
  }

  /** A packet that continues a run of one that was let in, with nothing between them, is let in for the same reason. */
  #deliver(sender: Peer<SocketPath>, packet: number, length: number): void {
    const { arena, filter, tun, onEchoReply } = this.parts;
    if (tun.joiner.append(sender, packet, length)) return;
    if (!filter.inbound(this.#now, this.#known(sender), arena.bytes, packet, length).allowed) return;
    if (this.captured !== NO_IDENTIFIER && isEchoReply(arena.bytes, packet, length, this.captured)) {
      onEchoReply(arena.bytes.slice(packet, packet + length));
      return;
    }
    tun.joiner.begin(sender, packet, length);
  }
}

function isHandshake(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length === 0 || length !== HANDSHAKE_LENGTHS[bytes[offset] as number]) return false;
  return bytes[offset + 1] === 0 && bytes[offset + 2] === 0 && bytes[offset + 3] === 0;
}
