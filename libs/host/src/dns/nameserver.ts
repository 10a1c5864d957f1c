import { isIP, isIPv6 } from 'node:net';
import { NetfoldError } from '#kernel';
import type { Endpoint } from '../udp/udp-socket.js';

const DNS_PORT = 53;

/** Somebody who answers questions about names: over plain DNS, or over HTTPS (RFC 8484). */
export type Nameserver = Endpoint | URL;

/**
 * Reads what settings call a nameserver: `9.9.9.9`, `9.9.9.9:5353`, `2620:fe::fe`, `[::1]:5353`, `https://dns.example/dns-query`.
 * @throws NetfoldError `dns.bad_nameserver`
 */
export function parseNameserver(text: string): Nameserver {
  if (isIP(text)) return { address: text, port: DNS_PORT };
  if (text.startsWith('https://') && URL.canParse(text)) return new URL(text);
  const { address = '', port } = /^\[?(?<address>[^\]]+?)\]?:(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (isIP(address) && text.startsWith('[') === isIPv6(address) && Number(port) < 65_536) {
    return { address, port: Number(port) };
  }
  throw new NetfoldError({
    code: 'dns.bad_nameserver',
    message: `${JSON.stringify(text)} is not a nameserver`,
    hint: 'write an address, perhaps with a port, or the URL of a resolver over HTTPS: 9.9.9.9, [2620:fe::fe]:53, https://dns.example/dns-query',
  });
}
