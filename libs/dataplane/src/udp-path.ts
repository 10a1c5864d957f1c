import type { Endpoint } from '#host';
import { formatPrefix, maskPrefix, tryParseAddress } from '#net';
import type { Path } from '#wireguard';

/** What one subscriber has of IPv6 (RFC 6177): whoever may send from one of these addresses may send from all. */
const SITE = 64;

/** A way to a peer: a UDP endpoint, or what stands in for one where there is none to send to. */
export interface UdpPath extends Path {
  /** `192.0.2.7:41641`, `[2001:db8::7]:41641`, or `relay:` and the name of a relay's client */
  readonly key: string;
  /** The IPv4 address alone, or the /64 of an IPv6 one. */
  readonly source: string;
  /** Nobody's for a relayed path. */
  readonly endpoint: Endpoint;
  /** Who carries datagrams on this path, by a name that the one who does it understands; absent for UDP. */
  readonly relay?: string;
}

export function pathTo(endpoint: Endpoint): UdpPath {
  const { address, port } = endpoint;
  if (!address.includes(':')) return { key: `${address}:${port}`, source: address, endpoint };
  return { key: `[${address}]:${port}`, source: siteOf(address), endpoint };
}

function siteOf(address: string): string {
  const bytes = tryParseAddress(address);
  return bytes ? formatPrefix(maskPrefix(bytes, SITE)) : address;
}

/** A path whose datagrams the listener carries (`DataPathListener.relayed`). */
export function relayedPath(relay: string): UdpPath {
  return { key: `relay:${relay}`, source: `relay:${relay}`, endpoint: { address: '0.0.0.0', port: 0 }, relay };
}
