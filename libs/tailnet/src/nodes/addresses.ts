import { AddressPool, parseAddress, parsePrefix, prefixContainsAddress, tryParseAddress } from '#net';
import { addressPools, type Subject } from '#policy';
import { directoryOf } from '../policy/directory-of.js';
import type { TailnetState } from '../state.js';
import { ulaAddress } from '../tailnet/ula.js';

/** Shared address space, RFC 6598. */
export const CGNAT = parsePrefix('100.64.0.0/10');

/** Around 100.100.100.100, where every node's own resolver answers. */
export const RESERVED = [parsePrefix('100.100.100.0/24')];

export const ipv4Pool = (prefix: string): AddressPool => new AddressPool(parsePrefix(prefix), RESERVED);

/** Free addresses for one more node, out of the first of these pools that has one; undefined when none has. */
export function nextAddresses(
  state: TailnetState,
  ula: string,
  pools: readonly string[] = [state.settings.ipv4Pool],
): { ipv4: string; ipv6: string } | undefined {
  const last = state.lastIpv4 === undefined ? undefined : tryParseAddress(state.lastIpv4);
  for (const pool of pools) {
    const ipv4 = ipv4Pool(pool).next(last, (address) => state.byAddress.has(address));
    if (ipv4 !== undefined) return { ipv4, ipv6: ulaAddress(ula, ipv4) };
  }
  return undefined;
}

/** The pools of a machine that is about to join: those that the policy gives it, or else the tailnet's own. */
export function poolsFor(state: TailnetState, machine: Pick<Subject, 'id' | 'user' | 'tags'>): readonly string[] {
  const { policy } = state.policy;
  const own = policy ? addressPools(policy, { ...machine, addresses: [] }, directoryOf(state)) : [];
  return own.length > 0 ? own : [state.settings.ipv4Pool];
}

/** Whether the policy keeps this address for some machines: the search for everyone's next one does not go on from it. */
export function isFromPolicyPool({ policy: { policy } }: TailnetState, ipv4: string): boolean {
  const address = parseAddress(ipv4);
  const pools = (policy?.nodeAttributes ?? []).flatMap(({ ipPool }) => ipPool);
  return pools.some((pool) => prefixContainsAddress(parsePrefix(pool), address));
}
