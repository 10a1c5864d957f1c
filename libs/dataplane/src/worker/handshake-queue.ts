import { INITIATION } from '#wireguard';
import { Refusals } from './refusals.js';

/** Messages that wait, of sources that are known for their packets and of others, and the most of one address. */
const MOST_PROVEN = 256;
const MOST_OTHERS = 256;
const MOST_OF_SOURCE = 32;
/** When so many wait, there is more than can be served. */
const LONG = 32;
/** No handshake message is longer (WireGuard paper, 5.4). */
const LONGEST = 148;

/** Where a message came from. */
export interface QueuedPath {
  /** The address with its port. */
  readonly key: string;
  /** The address alone, or its network. */
  readonly source: string;
  /** Whether an authenticated packet came from there. */
  readonly proven: boolean;
}

interface Waiting<P> {
  readonly path: P;
  readonly holder: string;
  readonly message: Uint8Array;
}

/**
 * Handshake messages that wait for their turn. Those from where authenticated packets came go first, and a single
 * address cannot take all places: who floods this node with handshakes, from forged addresses even, does not keep the
 * peers that it talks to from renewing their sessions. Bounded; what finds no place is lost, as datagrams may be.
 */
export class HandshakeQueue<P extends QueuedPath> {
  readonly #proven: Waiting<P>[] = [];
  readonly #others: Waiting<P>[] = [];
  readonly #held = new Map<string, number>();

  /** @param refusals takes note of who found no place, but for those who sent something authentic */
  constructor(readonly refusals?: Refusals<P>) {}

  get length(): number {
    return this.#proven.length + this.#others.length;
  }

  /** Whether who begins a handshake should have to show that it is where it says to be (WireGuard paper, 5.3). */
  get isLong(): boolean {
    return this.length > LONG;
  }

  /** Keeps a copy of the message in `bytes[offset, offset + length)`. */
  push(path: P, bytes: Uint8Array, offset: number, length: number): void {
    const holder = holderOf(path);
    const held = this.#held.get(holder) ?? 0;
    const [queue, most] = path.proven ? [this.#proven, MOST_PROVEN] : [this.#others, MOST_OTHERS];
    if (queue.length >= most || held >= MOST_OF_SOURCE || length > LONGEST) {
      if (!path.proven) this.refusals?.note(path, bytes[offset] === INITIATION.type);
      return;
    }
    this.#held.set(holder, held + 1);
    queue.push({ path, holder, message: bytes.slice(offset, offset + length) });
  }

  shift(): Waiting<P> | undefined {
    const next = this.#proven.shift() ?? this.#others.shift();
    if (!next) return undefined;
    const held = (this.#held.get(next.holder) ?? 1) - 1;
    if (held > 0) this.#held.set(next.holder, held);
    else this.#held.delete(next.holder);
    return next;
  }
}

/** Whose places a message takes: who forges a peer's address, or shares it, does not take those of the peer. */
const holderOf = ({ key, source, proven }: QueuedPath): string => (proven ? key : source);
