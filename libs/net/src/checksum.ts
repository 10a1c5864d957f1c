import type { Address } from './address.js';

/** The sum of 16-bit words in one's complement, not inverted yet (RFC 1071). An odd last byte counts as the upper half. */
export function onesSum(bytes: Uint8Array, initial = 0): number {
  let sum = initial;
  const even = bytes.length & ~1;
  // Four words a turn: packets spend most of their time here. 64 KiB of them stay far below 2^53.
  const fours = bytes.length & ~7;
  let i = 0;
  for (; i < fours; i += 8) {
    const high = (bytes[i] as number) + (bytes[i + 2] as number) + (bytes[i + 4] as number) + (bytes[i + 6] as number);
    const low =
      (bytes[i + 1] as number) + (bytes[i + 3] as number) + (bytes[i + 5] as number) + (bytes[i + 7] as number);
    sum += (high << 8) + low;
  }
  for (; i < even; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  if (even < bytes.length) sum += (bytes[even] as number) << 8;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

/** What a checksum field gets; over bytes that hold a right checksum it is 0. */
export const checksum = (bytes: Uint8Array, initial = 0): number => ~onesSum(bytes, initial) & 0xffff;

/** The part of a transport checksum that covers the IP header (RFC 768; RFC 9293, 3.1; RFC 8200, section 8.1). */
export const pseudoHeaderSum = (source: Address, destination: Address, protocol: number, length: number): number =>
  onesSum(destination, onesSum(source, protocol + (length >>> 16) + (length & 0xffff)));
