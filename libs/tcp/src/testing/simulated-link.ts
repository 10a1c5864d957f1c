/** What happens to packets on their way. */
export interface LinkOptions {
  /** Bits per second; infinite by default. */
  readonly rate?: number;
  /** One way, in ms. */
  readonly delay?: number;
  /** Bytes that wait at most before the link; what comes beyond is lost. */
  readonly queue?: number;
  /** Probabilities, from 0 to 1. */
  readonly loss?: number;
  readonly duplication?: number;
  readonly corruption?: number;
  /** Up to so many ms more for some packets, so that later ones overtake them. */
  readonly jitter?: number;
}

/** Where packets meet their fate: 0 to 1, seeded. */
export type Chance = () => number;

/** A seeded source of chance (mulberry32). */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One direction of a link: says when each packet arrives, if it does. Time is virtual, in ms. */
export class SimulatedLink {
  #freeAt = 0;
  lost = 0;

  constructor(
    readonly options: LinkOptions,
    readonly chance: Chance,
  ) {}

  /** The arrivals of a packet that is sent now: none, one, or two. */
  arrivals(now: number, length: number): readonly number[] {
    const { rate = Number.POSITIVE_INFINITY, delay = 0, queue = Number.POSITIVE_INFINITY, jitter = 0 } = this.options;
    const start = Math.max(now, this.#freeAt);
    const full = ((start - now) * rate) / 8000 > queue;
    if (full || this.#happens(this.options.loss)) {
      this.lost++;
      return [];
    }
    this.#freeAt = start + (length * 8000) / rate;
    const copies = this.#happens(this.options.duplication) ? 2 : 1;
    return Array.from(
      { length: copies },
      () => this.#freeAt + delay + (this.#happens(0.3) ? this.chance() * jitter : 0),
    );
  }

  /** The packet as it arrives: a copy, damaged at times. */
  carry(packet: Uint8Array): Uint8Array {
    const copy = packet.slice();
    if (this.#happens(this.options.corruption)) {
      const at = Math.floor(this.chance() * copy.length);
      copy[at] = (copy[at] as number) ^ (1 << Math.floor(this.chance() * 8));
    }
    return copy;
  }

  #happens(probability = 0): boolean {
    return probability > 0 && this.chance() < probability;
  }
}
