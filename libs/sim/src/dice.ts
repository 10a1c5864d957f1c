import type { Random } from '#kernel';

/** Chance that the same seed makes the same every time: xoshiro128** (Blackman and Vigna, 2018). Not for real keys. */
export class Dice implements Random {
  readonly #state = new Uint32Array(4);

  constructor(readonly seed: number) {
    // SplitMix32 fills the state, which must not be all zero.
    let mixed = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let z = mixed;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.#state[i] = z ^ (z >>> 16);
    }
  }

  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number {
    return Math.floor(this.#fraction() * bound);
  }

  chance(probability: number): boolean {
    return this.#fraction() < probability;
  }

  /** One of the items, of which there must be some. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Each of the items with this probability, in their order. */
  some<T>(items: readonly T[], probability = 0.5): T[] {
    return items.filter(() => this.chance(probability));
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#next() & 255);
  }

  /** Dice of their own for a part of the work, so that what others throw does not change what this part does. */
  fork(): Dice {
    return new Dice(this.#next());
  }

  #fraction(): number {
    return this.#next() / 2 ** 32;
  }

  #next(): number {
    const s = this.#state;
    // By index: to take a typed array apart goes through its iterator, at ten times the cost.
    const [a, b, c, d] = [s[0] as number, s[1] as number, s[2] as number, s[3] as number];
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    s[2] = c ^ a;
    s[3] = d ^ b;
    s[1] = b ^ (c ^ a);
    s[0] = a ^ (d ^ b);
    s[2] = (s[2] ?? 0) ^ t;
    s[3] = rotate(s[3] ?? 0, 11);
    return result;
  }
}

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));
