import { NetfoldError } from '#kernel';
import { type Address, formatAddress, tryParseAddress } from './address.js';

/** A CIDR prefix; the host bits of `address` are zero. */
export interface Prefix {
  readonly address: Address;
  /** The length, 0 to 32 for IPv4 and 0 to 128 for IPv6. */
  readonly bits: number;
}

/** The prefix that `10.0.0.0/8` or a bare address (a host prefix) names, with host bits cleared; or undefined. */
export function tryParsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = tryParseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  if (slash < 0) return hostPrefix(address);
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > address.length * 8) return undefined;
  return maskPrefix(address, Number(length));
}

/** @throws NetfoldError `net.bad_prefix` */
export function parsePrefix(text: string): Prefix {
  const prefix = tryParsePrefix(text);
  if (prefix) return prefix;
  throw new NetfoldError({
    code: 'net.bad_prefix',
    message: `${JSON.stringify(text)} is not a CIDR prefix`,
    hint: 'write it like 192.168.1.0/24 or fd00::/64',
  });
}

/** The canonical text, always with its length. */
export const formatPrefix = (prefix: Prefix): string => `${formatAddress(prefix.address)}/${prefix.bits}`;

/** The prefix that holds just this address. */
export const hostPrefix = (address: Address): Prefix => ({ address, bits: address.length * 8 });

/** The prefix of this length that holds this address. */
export function maskPrefix(address: Address, bits: number): Prefix {
  const masked = Uint8Array.from(address, (byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))));
  return { address: masked, bits };
}

export function prefixContainsAddress(prefix: Prefix, address: Address): boolean {
  if (prefix.address.length !== address.length) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (prefix.address[i] !== address[i]) return false;
  const rest = prefix.bits & 7;
  return (
    rest === 0 || (((prefix.address[whole] as number) ^ (address[whole] as number)) & (0xff00 >> rest) & 0xff) === 0
  );
}

/** Whether every address of `inner` is one of `outer`. */
export const prefixContains = (outer: Prefix, inner: Prefix): boolean =>
  outer.bits <= inner.bits && prefixContainsAddress(outer, inner.address);

/** Whether the two share an address. */
export const prefixesOverlap = (a: Prefix, b: Prefix): boolean => prefixContains(a, b) || prefixContains(b, a);
