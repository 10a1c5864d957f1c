import { AddressPool, parsePrefix, tryParseAddress } from '#net';
import type { TailnetState } from '../state.js';
import { ulaAddress } from '../tailnet/ula.js';

/** Shared address space, RFC 6598. */
export const CGNAT = parsePrefix('100.64.0.0/10');

/** Around 100.100.100.100, where every node's own resolver answers. */
const RESERVED = [parsePrefix('100.100.100.0/24')];

export const ipv4Pool = (prefix: string): AddressPool => new AddressPool(parsePrefix(prefix), RESERVED);

/** Free addresses for one more node; undefined when the pool is exhausted. */
export function nextAddresses(state: TailnetState, ula: string): { ipv4: string; ipv6: string } | undefined {
  const last = state.lastIpv4 === undefined ? undefined : tryParseAddress(state.lastIpv4);
  const ipv4 = ipv4Pool(state.settings.ipv4Pool).next(last, (address) => state.byAddress.has(address));
  return ipv4 === undefined ? undefined : { ipv4, ipv6: ulaAddress(ula, ipv4) };
}
