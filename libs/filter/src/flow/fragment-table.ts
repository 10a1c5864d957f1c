import type { FlowKey } from '../packet/flow-key.js';
import type { PacketHeaders } from '../packet/headers.js';

// RFC 791 gives 15 seconds to reassemble, Linux 30.
const LIFETIME = 30_000;

/** A packet whose first fragment was let in. */
export interface AcceptedPacket {
  /** The flow that it is of, which later fragments do not say. */
  readonly key: FlowKey;
  /** The generation of the rules that let it in last. */
  generation: number;
  readonly until: number;
}

/** The packets whose first fragment was let in. Bounded: the oldest makes way. */
export class FragmentTable {
  /** In order of arrival. */
  readonly #accepted = new Map<string, AcceptedPacket>();

  constructor(readonly capacity: number) {}

  get size(): number {
    return this.#accepted.size;
  }

  /** @param key is kept, and must not change */
  accept(now: number, peer: string, headers: PacketHeaders, key: FlowKey, generation: number): void {
    const name = nameOf(peer, headers);
    this.#accepted.delete(name);
    const oldest = this.#accepted.size >= this.capacity ? this.#accepted.keys().next() : undefined;
    if (oldest && !oldest.done) this.#accepted.delete(oldest.value);
    this.#accepted.set(name, { key, generation, until: now + LIFETIME });
  }

  /** The packet that this later fragment is of. */
  find(now: number, peer: string, headers: PacketHeaders): AcceptedPacket | undefined {
    const packet = this.#accepted.get(nameOf(peer, headers));
    return packet && packet.until > now ? packet : undefined;
  }
}

// The protocol is part of a packet's identity in IPv4 only: in IPv6 an extension header may come first (RFC 8200, 4.5).
const nameOf = (peer: string, { family, protocol, source, destination, fragmentId }: PacketHeaders) =>
  `${fragmentId} ${family === 4 ? protocol : ''} ${source.join()} ${destination.join()} ${peer}`;
