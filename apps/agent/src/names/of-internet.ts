import { parsePrefix, prefixContainsAddress, tryParseAddress } from '#net';

// Loopback, private and link-local addresses (RFC 6890): those of other networks mean other machines.
const AT_HOME = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
].map(parsePrefix);

/** Whether an address means the same machine from everywhere. What is no address, such as a URL, does. */
export function isOfInternet(text: string): boolean {
  const address = tryParseAddress(text.split('%')[0] ?? '');
  return address === undefined || !AT_HOME.some((prefix) => prefixContainsAddress(prefix, address));
}
