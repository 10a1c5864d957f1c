import type { PacketHeaders } from '../packet/headers.js';

// RFC 791 gives 15 seconds to reassemble, Linux 30.
const LIFETIME = 30_000;

/** The packets whose first fragment was let in. Bounded: the oldest makes way. */
export class FragmentTable {
  /** In order of arrival; when each is forgotten. */
  readonly #accepted = new Map<string, number>();

  constructor(readonly capacity: number) {}

  get size(): number {
    return this.#accepted.size;
  }

  /** Lets the later fragments of this packet in, for as long as the generation of the rules is this one. */
  accept(now: number, peer: string, headers: PacketHeaders, generation: number): void {
    const key = keyOf(peer, headers, generation);
    this.#accepted.delete(key);
    const oldest = this.#accepted.size >= this.capacity ? this.#accepted.keys().next() : undefined;
    if (oldest && !oldest.done) this.#accepted.delete(oldest.value);
    this.#accepted.set(key, now + LIFETIME);
  }

  accepted(now: number, peer: string, headers: PacketHeaders, generation: number): boolean {
    return (this.#accepted.get(keyOf(peer, headers, generation)) ?? now) > now;
  }
}

// The protocol is part of a packet's identity in IPv4 only: in IPv6 an extension header may come first (RFC 8200, 4.5).
const keyOf = (
  peer: string,
  { family, protocol, source, destination, fragmentId }: PacketHeaders,
  generation: number,
) => `${generation} ${fragmentId} ${family === 4 ? protocol : ''} ${source.join()} ${destination.join()} ${peer}`;
