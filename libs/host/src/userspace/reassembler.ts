import { formatAddress } from '#net';
import type { Fragment, IpPacket } from './ip-packet.js';

// RFC 8200, section 4.5: 60 seconds from the first fragment that arrives.
const LIFETIME = 60_000;
const MOST_PACKETS = 64;
const LARGEST_PAYLOAD = 65_535;
/** More than the largest packet needs where every link carries 576 bytes (RFC 791): smaller ones only cost time and memory. */
const MOST_PARTS = 128;

interface Partial {
  readonly expires: number;
  readonly parts: Fragment[];
}

/** Puts fragments together again. Bounded in packets, in parts, in bytes and in time; overlaps void the packet (RFC 5722). */
export class Reassembler {
  /** In order of their first fragments' arrival. */
  readonly #partials = new Map<string, Partial>();

  /** The whole packet, once this fragment completes it. */
  add(now: number, fragment: Fragment): IpPacket | undefined {
    const key = keyOf(fragment);
    this.#forget(now);
    const partial = this.#partials.get(key) ?? { expires: now + LIFETIME, parts: [] };
    const tooMuch = fragment.offset + fragment.payload.length > LARGEST_PAYLOAD || partial.parts.length === MOST_PARTS;
    if (tooMuch || partial.parts.some(overlaps(fragment))) {
      this.#partials.delete(key);
      return undefined;
    }
    partial.parts.push({ ...fragment, payload: fragment.payload.slice() });
    this.#partials.set(key, partial);
    const whole = assemble(partial.parts);
    if (whole) this.#partials.delete(key);
    return whole;
  }

  #forget(now: number): void {
    for (const [key, { expires }] of this.#partials) {
      if (expires > now && this.#partials.size < MOST_PACKETS) return;
      this.#partials.delete(key);
    }
  }
}

const keyOf = ({ source, destination, protocol, id }: Fragment): string =>
  `${id} ${formatAddress(source)} ${formatAddress(destination)} ${source.length === 4 ? protocol : ''}`;

const endOf = ({ offset, payload }: Fragment): number => offset + payload.length;

const overlaps =
  (a: Fragment) =>
  (b: Fragment): boolean =>
    a.offset < endOf(b) && b.offset < endOf(a);

function assemble(parts: readonly Fragment[]): IpPacket | undefined {
  const sorted = parts.toSorted((a, b) => a.offset - b.offset);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (!first || !last || first.offset !== 0 || last.more) return undefined;
  if (sorted.some((part, i) => i > 0 && part.offset !== endOf(sorted[i - 1] as Fragment))) return undefined;
  const payload = new Uint8Array(endOf(last));
  for (const part of sorted) payload.set(part.payload, part.offset);
  const { source, destination, protocol, hopLimit } = first;
  return { source, destination, protocol, hopLimit, payload };
}
