import { type Address, formatAddress, type Prefix, tryParsePrefix } from '#net';

/** Both families on one line of numbers: IPv4 as it is, IPv6 beyond all of it. */
const V6_BASE = 1n << 40n;

interface Range {
  readonly from: bigint;
  /** Inclusive. */
  readonly to: bigint;
}

/** An immutable set of IP addresses, as sorted ranges that neither overlap nor touch. */
export class AddressSet {
  static readonly EMPTY = new AddressSet([]);

  private constructor(private readonly ranges: readonly Range[]) {}

  static ofRange(from: Address, to: Address): AddressSet {
    return new AddressSet([{ from: toNumber(from), to: toNumber(to) }]);
  }

  /** The addresses of all these prefixes or single addresses; texts that are neither hold none. */
  static of(texts: Iterable<string>): AddressSet {
    const ranges: Range[] = [];
    for (const text of texts) {
      const prefix = tryParsePrefix(text);
      if (prefix) ranges.push(prefixRange(prefix));
    }
    return new AddressSet(merged(ranges));
  }

  static union(sets: Iterable<AddressSet>): AddressSet {
    const ranges: Range[] = [];
    for (const set of sets) for (const range of set.ranges) ranges.push(range);
    return new AddressSet(merged(ranges));
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  minus(other: AddressSet): AddressSet {
    const left: Range[] = [];
    let next = 0;
    for (const { from, to } of this.ranges) {
      let start = from;
      while (next > 0 && at(other.ranges, next - 1).to >= start) next--;
      for (; next < other.ranges.length && at(other.ranges, next).from <= to; next++) {
        const hole = at(other.ranges, next);
        if (hole.to < start) continue;
        if (hole.from > start) left.push({ from: start, to: hole.from - 1n });
        start = hole.to + 1n;
      }
      if (start <= to) left.push({ from: start, to });
    }
    return new AddressSet(left);
  }

  and(other: AddressSet): AddressSet {
    const both: Range[] = [];
    for (let i = 0, j = 0; i < this.ranges.length && j < other.ranges.length; ) {
      const a = at(this.ranges, i);
      const b = at(other.ranges, j);
      const from = later(a.from, b.from);
      const to = earlier(a.to, b.to);
      if (from <= to) both.push({ from, to });
      if (a.to < b.to) i++;
      else j++;
    }
    return new AddressSet(both);
  }

  overlaps(other: AddressSet): boolean {
    return !this.and(other).isEmpty;
  }

  has(address: string): boolean {
    return this.overlaps(AddressSet.of([address]));
  }

  /** Whether every address of `inner` is one of these. */
  includes(inner: AddressSet): boolean {
    return inner.minus(this).isEmpty;
  }

  /** The fewest prefixes that make up the set, each with its length. */
  prefixes(): string[] {
    return this.ranges.flatMap((range) => rangeToPrefixes(range));
  }

  /** One text per range: an address, a prefix, or `first-last`. */
  texts(): string[] {
    return this.ranges.map((range) => {
      if (range.from === range.to) return format(range.from);
      const prefixes = rangeToPrefixes(range);
      return prefixes.length === 1 ? (prefixes[0] as string) : `${format(range.from)}-${format(range.to)}`;
    });
  }
}

// Math.min and Math.max take no bigints.
const earlier = (a: bigint, b: bigint): bigint => [a, b][Number(b < a)] as bigint;
const later = (a: bigint, b: bigint): bigint => [a, b][Number(b > a)] as bigint;

const at = (ranges: readonly Range[], index: number): Range => ranges[index] as Range;

function merged(ranges: Range[]): Range[] {
  ranges.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const result: Range[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last && range.from <= last.to + 1n) {
      if (range.to > last.to) result[result.length - 1] = { from: last.from, to: range.to };
    } else result.push(range);
  }
  return result;
}

function toNumber(address: Address): bigint {
  let number = 0n;
  for (const byte of address) number = (number << 8n) | BigInt(byte);
  return address.length === 4 ? number : number + V6_BASE;
}

function prefixRange({ address, bits }: Prefix): Range {
  const from = toNumber(address);
  return { from, to: from + (1n << BigInt(address.length * 8 - bits)) - 1n };
}

function format(number: bigint): string {
  const v6 = number >= V6_BASE;
  let rest = v6 ? number - V6_BASE : number;
  const bytes = new Uint8Array(v6 ? 16 : 4);
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return formatAddress(bytes);
}

function rangeToPrefixes({ from, to }: Range): string[] {
  const width = from >= V6_BASE ? 128 : 32;
  const base = from >= V6_BASE ? V6_BASE : 0n;
  const texts: string[] = [];
  for (let start = from; start <= to; ) {
    let bits = width;
    while (bits > 0) {
      const size = 1n << BigInt(width - bits + 1);
      if ((start - base) % size !== 0n || start + size - 1n > to) break;
      bits--;
    }
    texts.push(`${format(start)}/${bits}`);
    start += 1n << BigInt(width - bits);
  }
  return texts;
}
