import { type Address, formatAddress } from './address.js';
import { type Prefix, prefixContains, prefixContainsAddress } from './prefix.js';

/** Last octets 1 to 254 of each 256 addresses: old stacks take .0 and .255 for network and broadcast. */
const USABLE_OF_256 = 254;

/**
 * The IPv4 addresses of a prefix that may be given to nodes, without those that end in .0 or .255 and without
 * reserved blocks. It holds no allocations: the caller knows what is taken and where the search stopped last time.
 */
export class AddressPool {
  private readonly first: number;
  private readonly last: number;
  /** Reserved blocks as inclusive ranges of numbers. */
  private readonly holes: readonly (readonly [number, number])[];
  /** How many addresses the pool can give out. */
  readonly capacity: number;

  /** @param reserved IPv4 prefixes that do not overlap each other */
  constructor(
    readonly prefix: Prefix,
    reserved: readonly Prefix[] = [],
  ) {
    [this.first, this.last] = rangeOf(prefix);
    const inside = reserved.filter((block) => prefixContains(prefix, block));
    this.holes = inside.map(rangeOf);
    const total = usableBetween(this.first, this.last);
    const swallowed = reserved.some((block) => prefixContains(block, prefix));
    this.capacity = swallowed ? 0 : this.holes.reduce((left, [from, to]) => left - usableBetween(from, to), total);
  }

  has(address: Address): boolean {
    if (this.capacity === 0 || !prefixContainsAddress(this.prefix, address)) return false;
    const number = toNumber(address);
    return isUsable(number) && !this.holes.some(([from, to]) => number >= from && number <= to);
  }

  /**
   * The first free address after `previous`, in numerical order and around the end of the prefix; undefined when all
   * are taken. Because the search goes on where it stopped, an address that was given back is not given out again
   * before the whole pool has been passed through, and each step over a taken address happens once per round:
   * amortised constant time while a fair part of the pool is free.
   * @param previous the address given out last; outside the prefix or undefined: start at the beginning
   * @param isTaken told the canonical text of an address
   */
  next(previous: Address | undefined, isTaken: (address: string) => boolean): string | undefined {
    if (this.capacity === 0) return undefined;
    const within = previous !== undefined && prefixContainsAddress(this.prefix, previous);
    let number = within ? toNumber(previous) : this.last;
    for (let tried = 0; tried < this.capacity; tried++) {
      number = this.usableAfter(number);
      const text = formatAddress(fromNumber(number));
      if (!isTaken(text)) return text;
    }
    return undefined;
  }

  private usableAfter(number: number): number {
    let next = number;
    for (;;) {
      next = next >= this.last ? this.first : next + 1;
      const hole = this.holes.find(([from, to]) => next >= from && next <= to);
      if (hole) next = hole[1];
      else if (isUsable(next)) return next;
    }
  }
}

const isUsable = (number: number): boolean => number % 256 !== 0 && number % 256 !== 255;

/** How many usable addresses there are below this one. */
const usableBelow = (number: number): number =>
  Math.floor(number / 256) * USABLE_OF_256 + Math.min(USABLE_OF_256, Math.max(0, (number % 256) - 1));

const usableBetween = (first: number, last: number): number => usableBelow(last + 1) - usableBelow(first);

const toNumber = (address: Address): number => address.reduce((number, byte) => number * 256 + byte, 0);

const fromNumber = (number: number): Address =>
  Uint8Array.of(Math.floor(number / 2 ** 24), (number >> 16) & 255, (number >> 8) & 255, number & 255);

function rangeOf(prefix: Prefix): readonly [number, number] {
  const first = toNumber(prefix.address);
  return [first, first + 2 ** (32 - prefix.bits) - 1];
}
