import type { Endpoint } from '#host';
import type { Path } from '#wireguard';

/** A UDP endpoint as a way to a peer. */
export interface UdpPath extends Path {
  /** `192.0.2.7:41641`, `[2001:db8::7]:41641` */
  readonly key: string;
  /** The address alone. */
  readonly source: string;
  readonly endpoint: Endpoint;
}

export function pathTo(endpoint: Endpoint): UdpPath {
  const { address, port } = endpoint;
  const key = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return { key, source: address, endpoint };
}
