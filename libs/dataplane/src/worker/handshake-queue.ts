import { INITIATION } from '#wireguard';
import { Refusals } from './refusals.js';

/** Messages that wait, of sources that are known for their packets and of others, and the most of one address. */
const MOST_PROVEN = 256;
const MOST_OTHERS = 256;
const MOST_OF_SOURCE = 32;
/** No handshake message is longer (WireGuard paper, 5.4). */
const LONGEST = 148;

/** Where a message came from. */
export interface QueuedPath {
  /** The address alone, or its network. */
  readonly source: string;
  /** Whether an authenticated packet came from there. */
  readonly proven: boolean;
}

interface Waiting<P> {
  readonly path: P;
  readonly message: Uint8Array;
}

/**
 * Handshake messages that wait for their turn. Those from where authenticated packets came go first, and a single
 * address cannot take all places: who floods this node with handshakes, from forged addresses even, does not keep the
 * peers that it talks to from renewing their sessions. Bounded; what finds no place is lost, as datagrams may be.
 */
export class HandshakeQueue<P extends QueuedPath> {
  /** Initiations that found no place, of sources that sent nothing authentic. */
  readonly refusals = new Refusals<P>();
  readonly #proven: Waiting<P>[] = [];
  readonly #others: Waiting<P>[] = [];
  readonly #ofSource = new Map<string, number>();

  get length(): number {
    return this.#proven.length + this.#others.length;
  }

  /** Keeps a copy of the message in `bytes[offset, offset + length)`. */
  push(path: P, bytes: Uint8Array, offset: number, length: number): void {
    const held = this.#ofSource.get(path.source) ?? 0;
    const [queue, most] = path.proven ? [this.#proven, MOST_PROVEN] : [this.#others, MOST_OTHERS];
    if (queue.length >= most || held >= MOST_OF_SOURCE || length > LONGEST) {
      if (!path.proven && bytes[offset] === INITIATION.type) this.refusals.note(path);
      return;
    }
    this.#ofSource.set(path.source, held + 1);
    queue.push({ path, message: bytes.slice(offset, offset + length) });
  }

  shift(): Waiting<P> | undefined {
    const next = this.#proven.shift() ?? this.#others.shift();
    if (!next) return undefined;
    const { source } = next.path;
    const held = (this.#ofSource.get(source) ?? 1) - 1;
    if (held > 0) this.#ofSource.set(source, held);
    else this.#ofSource.delete(source);
    return next;
  }
}
