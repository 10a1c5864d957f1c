import type { Endpoint } from '#host';
import { formatAddress, tryParseAddress } from '#net';
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

/** The path that a text names, or undefined. */
export function parsePath(text: string): UdpPath | undefined {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = tryParseAddress(v6 ?? v4 ?? '');
  const number = Number(port);
  if (!address || (address.length === 16) !== (v6 !== undefined) || number < 1 || number > 65535) return undefined;
  return pathTo({ address: formatAddress(address), port: number });
}
