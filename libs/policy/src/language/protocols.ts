/** The protocols that the policy language has names for, by IANA number. */
const NAMES: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  'ip-in-ip': 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  fc: 133,
};

export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMPV6 = 58;
const SCTP = 132;

/** What a rule that names no protocol lets through. */
export const DEFAULT_PROTOCOLS: readonly number[] = [TCP, UDP, ICMP, ICMPV6];

/** The protocols whose packets carry ports. */
export const hasPorts = (protocol: number): boolean => protocol === TCP || protocol === UDP || protocol === SCTP;

export const PROTOCOL_NAMES: readonly string[] = Object.keys(NAMES);

/** The IANA number of a name or number; empty for an empty text, the default set; or what is wrong with it. */
export function parseProtocol(text: string): readonly number[] | string {
  const name = text.trim().toLowerCase();
  if (name === '') return [];
  const known = NAMES[name];
  if (known !== undefined && Object.hasOwn(NAMES, name)) return [known];
  if (name === '*') {
    return 'proto name "*" not known; use protocol number 0-255 or protocol name (icmp, tcp, udp, etc.)';
  }
  if (/^0/.test(name) && /^\d+$/.test(name))
    return `leading 0 not permitted in protocol number: ${JSON.stringify(name)}`;
  if (!/^\d{1,9}$/.test(name)) return `${JSON.stringify(text)} must be a known protocol name or a number from 0 to 255`;
  return Number(name) > 255 ? `protocol number out of range (0-255): ${name}` : [Number(name)];
}

/** The usual name of a protocol number, or the number itself. */
export function protocolName(protocol: number): string {
  return Object.entries(NAMES).find(([, number]) => number === protocol)?.[0] ?? String(protocol);
}
