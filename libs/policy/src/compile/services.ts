import { ALL_PORTS } from '../language/ports.js';
import { DEFAULT_PROTOCOLS, hasPorts } from '../language/protocols.js';
import type { PortRange, Rule } from './rule.js';

/** What passes, protocol by protocol: a set of ports for those that have them, all or nothing for the others. */
type Services = ReadonlyMap<number, readonly PortRange[]>;

type ServicePart = Pick<Rule, 'protocols' | 'ports'>;

const ALL: readonly PortRange[] = [ALL_PORTS];

export const protocolsOf = (rule: Pick<Rule, 'protocols'>): readonly number[] =>
  rule.protocols.length > 0 ? rule.protocols : DEFAULT_PROTOCOLS;

/** The ports that the first part lets through beyond, and in common with, the second. */
export function splitServices(part: ServicePart, cut: ServicePart): { beyond: ServicePart[]; common: ServicePart[] } {
  const beyond = new Map<number, readonly PortRange[]>();
  const common = new Map<number, readonly PortRange[]>();
  const cutProtocols = protocolsOf(cut);
  for (const protocol of protocolsOf(part)) {
    const ports = hasPorts(protocol) ? part.ports : ALL;
    const hole = cutProtocols.includes(protocol) ? cutPorts(protocol, cut) : [];
    const left = minusPorts(ports, hole);
    const taken = minusPorts(ports, left);
    if (left.length > 0) beyond.set(protocol, left);
    if (taken.length > 0) common.set(protocol, taken);
  }
  return { beyond: regroup(beyond), common: regroup(common) };
}

/** A cut of some ports leaves the protocols without ports alone: dropping port 22 does not stop pings. */
function cutPorts(protocol: number, cut: ServicePart): readonly PortRange[] {
  if (hasPorts(protocol)) return cut.ports;
  return minusPorts(ALL, cut.ports).length === 0 ? ALL : [];
}

/** The ports of the first ranges that are in none of the second; sorted and merged. */
export function minusPorts(ranges: readonly PortRange[], holes: readonly PortRange[]): readonly PortRange[] {
  const sorted = mergePorts(holes);
  return mergePorts(ranges).flatMap(({ first, last }) => {
    const left: PortRange[] = [];
    let start = first;
    for (const hole of sorted) {
      if (hole.last < start || hole.first > last) continue;
      if (hole.first > start) left.push({ first: start, last: hole.first - 1 });
      start = hole.last + 1;
    }
    if (start <= last) left.push({ first: start, last });
    return left;
  });
}

/** The same ports in the fewest ranges, sorted. */
export function mergePorts(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = merged.at(-1);
    if (last && range.first <= last.last + 1) {
      merged[merged.length - 1] = { first: last.first, last: Math.max(last.last, range.last) };
    } else merged.push(range);
  }
  return merged;
}

/** The fewest parts that say the same: protocols with the same ports together, the default set by its name. */
function regroup(services: Services): ServicePart[] {
  const byPorts = new Map<string, { protocols: number[]; ports: readonly PortRange[] }>();
  const portless = [...services.keys()].filter((protocol) => !hasPorts(protocol));
  for (const [protocol, ports] of services) {
    if (!hasPorts(protocol)) continue;
    const key = JSON.stringify(ports);
    const part = byPorts.get(key);
    if (part) part.protocols.push(protocol);
    else byPorts.set(key, { protocols: [protocol], ports });
  }
  const parts = [...byPorts.values()];
  // The portless ones ride with any part: no port is asked of them.
  if (parts[0]) parts[0].protocols.push(...portless);
  else if (portless.length > 0) parts.push({ protocols: portless, ports: ALL });
  return parts.map(({ protocols, ports }) => ({ protocols: defaultOrListed(protocols), ports }));
}

function defaultOrListed(protocols: readonly number[]): readonly number[] {
  const isDefault =
    protocols.length === DEFAULT_PROTOCOLS.length && DEFAULT_PROTOCOLS.every((p) => protocols.includes(p));
  return isDefault ? [] : [...protocols].sort((a, b) => a - b);
}

/** Whether a cut leaves nothing at all of the default protocols. */
export const cutsEverything = (cut: ServicePart): boolean =>
  splitServices({ protocols: [], ports: ALL }, cut).beyond.length === 0;
