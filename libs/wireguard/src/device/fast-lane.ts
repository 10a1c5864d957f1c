import { readUint32 } from '../little-endian.js';
import { COOKIE_REPLY, RESPONSE, TRANSPORT } from '../messages.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { Keypair } from '../session/keypair.js';
import { paddedLength, sealTransport } from '../transport/transport-message.js';
import type { Device } from './device.js';
import type { Outbox } from './outbox.js';
import type { TransportReceiver } from './transport-receiver.js';

/** Where answers name what they answer, by their type. */
const RECEIVERS: readonly (number | undefined)[] = [undefined, undefined, RESPONSE.receiver, COOKIE_REPLY.receiver];

/** A peer that packets can be sent to at once. */
export interface Ready<P extends Path> {
  readonly peer: Peer<P>;
  readonly path: P;
  readonly keypair: Keypair;
}

/**
 * Transport messages (5.4.6) in memory of the caller's, for a data path that moves many at a time: nothing is copied,
 * and nothing is allocated per message. What cannot take this lane takes `Engine.send` and `Engine.receive`.
 */
export class FastLane<P extends Path> {
  constructor(
    private readonly device: Device<P>,
    private readonly outbox: Outbox<P>,
    private readonly receiver: TransportReceiver<P>,
  ) {}

  /** The peer whose address the IP packet is for, with its session, if packets may be sealed for it now. */
  ready(now: number, buffer: Uint8Array, offset: number, length: number): Ready<P> | undefined {
    const peer = this.device.allowedIps.ownerOfDestination(buffer, offset, length);
    const keypair = peer?.sessions.current;
    if (!peer?.path || !keypair?.canSend(now)) return undefined;
    return { peer, path: peer.path, keypair };
  }

  /**
   * Pads and seals the packet in `buffer[offset + 16, offset + 16 + length)` in place; `sent` must follow.
   * @returns the length of the message, which begins at `offset`
   */
  seal({ keypair }: Ready<P>, buffer: Uint8Array, offset: number, length: number): number {
    const padded = paddedLength(length, this.device.mtu);
    const end = offset + TRANSPORT.header + length;
    for (let i = 0; i < padded - length; i++) buffer[end + i] = 0;
    return sealTransport(keypair, buffer, offset, padded);
  }

  /** Messages with data, of `bytes` bytes in all, were sealed for the peer. */
  sent(now: number, { peer, keypair }: Ready<P>, bytes: number): void {
    this.outbox.sealed(now, peer, keypair, bytes, true);
  }

  /**
   * Looks at what opening the messages at these offsets will look at. Of many peers that lies far apart in memory, and looked
   * at one behind the other, with nothing between, a processor waits for much of it at once.
   * @param offsets of `count` messages of any kind, with 8 bytes to read at each: what is of no session is passed over
   * @returns a number of no meaning: what is read must be for something, or it is not read
   */
  prefetch(buffer: Uint8Array, offsets: Int32Array, count: number): number {
    return this.receiver.prefetch(buffer, offsets, count);
  }

  /**
   * Opens the transport message in `buffer[offset, offset + length)` in place; its packet is then at `offset + 16`.
   * @param length 32 or more
   * @returns the length of the packet without padding, which `sender` sent; 0 when there is none to deliver
   */
  open(now: number, path: P, buffer: Uint8Array, offset: number, length: number): number {
    const outcome = this.receiver.open(now, path, buffer, offset, length);
    if (typeof outcome === 'number') return outcome;
    this.device.drop(outcome);
    return 0;
  }

  /** Drops the handshake message at `offset` if it is a response or a cookie reply to nothing. @returns whether it was */
  isAnswerToNothing(buffer: Uint8Array, offset: number): boolean {
    const receiver = RECEIVERS[buffer[offset] as number];
    if (receiver === undefined || this.device.indices.get(readUint32(buffer, offset + receiver))) return false;
    this.device.drop('unknown_index');
    return true;
  }

  /** Who sent the packet that was opened last. */
  get sender(): Peer<P> | undefined {
    return this.receiver.sender;
  }
}
