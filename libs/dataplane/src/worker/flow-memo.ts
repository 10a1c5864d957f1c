import type { Arena } from '../memory/arena.js';
import { IPV4, IPV6, UDP } from '../segments/headers.js';

const MAY_FRAGMENT = 0x3fff;
/** Two IPv6 addresses and two ports. */
const MOST_WORDS = 9;

/**
 * Whether a datagram is of the same flow as the one before it, in which case routes and filter say the same of it. Knows
 * UDP only, whose packets come one by one and say nothing that changes their flow.
 */
export class FlowMemo {
  readonly #words = new Int32Array(MOST_WORDS);
  #count = 0;

  constructor(readonly arena: Arena) {}

  forget(): void {
    this.#count = 0;
  }

  /** @returns whether the packet is of the flow of the packet before, which it takes the place of */
  follows(packet: number, length: number): boolean {
    const { view, bytes } = this.arena;
    const first = bytes[packet] as number;
    if (first === 0x45) {
      const whole = (view.getUint16(packet + IPV4.fragment) & MAY_FRAGMENT) === 0;
      if (whole && bytes[packet + IPV4.protocol] === UDP.protocol && length >= IPV4.size + UDP.size) {
        return this.#compare(packet + IPV4.addresses, 3);
      }
    } else if (first >> 4 === 6 && bytes[packet + IPV6.nextHeader] === UDP.protocol) {
      if (length >= IPV6.size + UDP.size) return this.#compare(packet + IPV6.addresses, MOST_WORDS);
    }
    this.#count = 0;
    return false;
  }

  /** In both versions of IP the ports follow the addresses. */
  #compare(place: number, count: number): boolean {
    const { view } = this.arena;
    let same = count === this.#count;
    for (let i = 0; i < count; i++) {
      const word = view.getInt32(place + 4 * i);
      same &&= word === this.#words[i];
      this.#words[i] = word;
    }
    this.#count = count;
    return same;
  }
}
