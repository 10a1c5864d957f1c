import type { NetworkInterfaceInfo } from 'node:os';
import { pathTo } from '#dataplane';
import { parsePrefix, prefixContainsAddress, tryParseAddress } from '#net';

// Addresses that lead nowhere from another machine, or through the tunnel itself: link-local IPv6 (RFC 4291),
// the shared space that the tailnet uses (RFC 6598), unique local IPv6 (RFC 4193).
const USELESS = ['fe80::/10', '100.64.0.0/10', 'fc00::/7'].map(parsePrefix);

type Interfaces = Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>;

/**
 * Where peers may try to reach this node: its addresses with the engine's port, IPv4 first. The loopback address is
 * among them only when `loopback` says that others may be on this very machine.
 */
export function localEndpoints(interfaces: Interfaces, port: number, loopback: boolean): string[] {
  const found = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, internal }) => !internal && isUseful(address))
    .map(({ address }) => address)
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  if (loopback) found.unshift('127.0.0.1');
  return [...new Set(found)].map((address) => pathTo({ address, port }).key);
}

function isUseful(text: string): boolean {
  const address = tryParseAddress(text);
  return address !== undefined && !USELESS.some((prefix) => prefixContainsAddress(prefix, address));
}

/** An address of this machine with its length, and the interface that has it. */
export interface LanAddress {
  readonly interfaceName: string;
  /** `192.168.1.5/24` */
  readonly cidr: string;
}

/** The networks that this machine is in, by its own addresses. */
export const lanAddresses = (interfaces: Interfaces): LanAddress[] =>
  Object.entries(interfaces).flatMap(([interfaceName, addresses]) =>
    (addresses ?? []).flatMap(({ internal, address, cidr }) =>
      internal || !cidr || address.startsWith('fe80:') ? [] : [{ interfaceName, cidr }],
    ),
  );
