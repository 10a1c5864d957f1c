import type { Dice } from './dice.js';

/** Values at which programs go wrong: borders of signs, of lengths, of numbers in one byte. */
const EDGES = [0, 1, 2, 4, 15, 16, 20, 40, 0x45, 0x60, 0x7f, 0x80, 0xfe, 0xff] as const;
const MOST_CHANGES = 4;
/** Random bytes made once, to be taken from any place. */
const STOCK = 1 << 16;

/** Makes byte strings that are nearly right, for parsers to fail on. */
export class Mutator {
  readonly #room: Uint8Array;
  readonly #stock: Uint8Array;

  /** @param longest what may come out, in bytes */
  constructor(
    readonly dice: Dice,
    longest: number,
  ) {
    this.#room = new Uint8Array(longest);
    this.#stock = dice.bytes(STOCK + longest);
  }

  /** One of the specimens, changed in one to four ways. The bytes are good until the next call. */
  mutate(specimens: readonly Uint8Array[]): Uint8Array {
    const { dice } = this;
    const specimen = dice.pick(specimens);
    let length = Math.min(specimen.length, this.#room.length);
    this.#room.set(specimen.subarray(0, length));
    for (let changes = 1 + dice.below(MOST_CHANGES); changes > 0; changes--) length = this.#change(length, specimens);
    return this.#room.subarray(0, length);
  }

  /** Any bytes at all. They are good until the next call. */
  random(longest: number): Uint8Array {
    return this.bytes(this.dice.below(longest + 1));
  }

  /** So many bytes, which are good until the next call. */
  bytes(length: number): Uint8Array {
    const from = this.dice.below(STOCK);
    this.#room.set(this.#stock.subarray(from, from + length));
    return this.#room.subarray(0, length);
  }

  /** @returns how many bytes there are then */
  #change(length: number, specimens: readonly Uint8Array[]): number {
    const { dice } = this;
    const room = this.#room;
    const at = dice.below(Math.max(1, length));
    switch (dice.below(10)) {
      case 0:
      case 1:
      case 2:
        room[at] = (room[at] as number) ^ (1 << dice.below(8));
        return length;
      case 3:
      case 4:
        room[at] = dice.pick(EDGES);
        return length;
      case 5:
        room[at] = dice.below(256);
        return length;
      case 6:
        return at;
      case 7:
        return this.#grow(length);
      case 8:
        return this.#splice(at, dice.pick(specimens));
      default:
        return this.#repeat(length, at);
    }
  }

  #grow(length: number): number {
    const longer = Math.min(this.#room.length, length + 1 + this.dice.below(32));
    for (let i = length; i < longer; i++) this.#room[i] = this.dice.below(256);
    return longer;
  }

  /** Goes on, at the same place, as another specimen does. */
  #splice(at: number, other: Uint8Array): number {
    const rest = other.subarray(at, this.#room.length);
    this.#room.set(rest, at);
    return at + rest.length;
  }

  /** Some bytes come twice, or are left out. */
  #repeat(length: number, at: number): number {
    const to = this.dice.below(Math.max(1, length));
    const moved = Math.min(length - at, this.#room.length - to);
    this.#room.copyWithin(to, at, at + moved);
    return Math.max(0, to + moved);
  }
}
