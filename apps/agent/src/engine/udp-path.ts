import { pathTo, type UdpPath } from '#dataplane';
import { formatAddress, tryParseAddress } from '#net';

/** The path that a text names, or undefined. */
export function parsePath(text: string): UdpPath | undefined {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = tryParseAddress(v6 ?? v4 ?? '');
  const number = Number(port);
  if (!address || (address.length === 16) !== (v6 !== undefined) || number < 1 || number > 65535) return undefined;
  return pathTo({ address: formatAddress(address), port: number });
}
