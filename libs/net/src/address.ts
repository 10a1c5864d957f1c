import ipaddr from 'ipaddr.js';
import { NetfoldError } from '#kernel';

/** An IP address in network byte order: 4 bytes for IPv4, 16 for IPv6. */
export type Address = Uint8Array;

/** The address that a text names, or undefined. IPv4 must be written as four decimal octets; zones are refused. */
export function tryParseAddress(text: string): Address | undefined {
  // Asking ipaddr.js first whether an IPv6 text is an IPv4 address costs an exception, ten times the parsing.
  if (!text.includes(':')) {
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? Uint8Array.from(ipaddr.IPv4.parse(text).octets) : undefined;
  }
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray());
}

/** @throws NetfoldError `net.bad_address` */
export function parseAddress(text: string): Address {
  const address = tryParseAddress(text);
  if (address) return address;
  throw new NetfoldError({
    code: 'net.bad_address',
    message: `${JSON.stringify(text)} is not an IP address`,
    hint: 'write it like 100.64.0.1 or fd7a::1',
  });
}

/** The canonical text: dotted decimal, or RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  return new ipaddr.IPv6(Array.from(address)).toRFC5952String();
}

/** The same order as the numbers that the addresses stand for; every IPv4 address before every IPv6 one. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
