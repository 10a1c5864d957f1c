import type { Address } from '#net';

/** The sum of 16-bit words in one's complement, not inverted yet (RFC 1071). An odd last byte counts as the upper half. */
export function onesSum(bytes: Uint8Array, initial = 0): number {
  let sum = initial;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  if (even < bytes.length) sum += (bytes[even] as number) << 8;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

/** What a checksum field gets; over bytes that hold a right checksum it is 0. */
export const checksum = (bytes: Uint8Array, initial = 0): number => ~onesSum(bytes, initial) & 0xffff;

/** The part of a transport checksum that covers the IP header (RFC 768; RFC 8200, section 8.1). */
export const pseudoHeaderSum = (source: Address, destination: Address, protocol: number, length: number): number =>
  onesSum(destination, onesSum(source, protocol + (length >>> 16) + (length & 0xffff)));
