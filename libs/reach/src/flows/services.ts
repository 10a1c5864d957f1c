import {
  DEFAULT_PROTOCOLS,
  formatPorts,
  hasPorts,
  mergePorts,
  minusPorts,
  type PortRange,
  protocolName,
  protocolsOf,
  type Rule,
} from '#policy';

/** What passes: IANA protocol number → destination ports, merged and sorted; `ALL` for protocols without ports. */
export type Services = ReadonlyMap<number, readonly PortRange[]>;

const ALL: readonly PortRange[] = [{ first: 0, last: 65_535 }];

export const NO_SERVICES: Services = new Map();

/** All that these rules let pass together. */
export function servicesOf(rules: Iterable<Rule>): Services {
  const ports = new Map<number, PortRange[]>();
  for (const rule of rules) {
    if (rule.ports.length === 0) continue;
    for (const protocol of protocolsOf(rule)) {
      const known = ports.get(protocol) ?? [];
      known.push(...(hasPorts(protocol) ? rule.ports : ALL));
      ports.set(protocol, known);
    }
  }
  return new Map([...ports].sort(([a], [b]) => a - b).map(([protocol, ranges]) => [protocol, mergePorts(ranges)]));
}

/** What the first lets pass and the second does not. */
export function minusServices(services: Services, taken: Services): Services {
  if (services === taken || services.size === 0) return NO_SERVICES;
  const left = new Map<number, readonly PortRange[]>();
  for (const [protocol, ranges] of services) {
    const ports = minusPorts(ranges, taken.get(protocol) ?? []);
    if (ports.length > 0) left.set(protocol, ports);
  }
  return left;
}

export const carries = (services: Services, protocol: number, port: number): boolean =>
  (services.get(protocol) ?? []).some(({ first, last }) => !hasPorts(protocol) || (first <= port && port <= last));

/** The same for the same services. */
export const keyOfServices = (services: Services): string =>
  [...services].map(([protocol, ranges]) => `${protocol}:${ranges.map(formatPorts).join(',')}`).join(' ');

/** In words: `5432/tcp`, `53/udp`, `icmp`; `*` for all that a rule may name without saying which protocols. */
export function wordsOfServices(services: Services): string[] {
  const isDefault = DEFAULT_PROTOCOLS.every((protocol) => sameRanges(services.get(protocol), ALL));
  const rest = [...services].filter(([protocol]) => !(isDefault && DEFAULT_PROTOCOLS.includes(protocol)));
  const ported = rest.filter(([protocol]) => hasPorts(protocol));
  const others = rest.filter(([protocol]) => !hasPorts(protocol)).map(([protocol]) => wordOf(protocol));
  const words = [
    ...ported.flatMap(([protocol, ranges]) => ranges.map((range) => `${formatPorts(range)}/${protocolName(protocol)}`)),
    ...new Set(others),
  ];
  return isDefault ? ['*', ...words] : words;
}

/** ICMP is one thing to people, be it that of IPv4 or of IPv6. */
const wordOf = (protocol: number): string => (protocol === ICMPV6 ? 'icmp' : protocolName(protocol));

const ICMPV6 = 58;

const sameRanges = (a: readonly PortRange[] | undefined, b: readonly PortRange[]): boolean =>
  a?.length === b.length && a.every(({ first, last }, i) => first === b[i]?.first && last === b[i]?.last);
