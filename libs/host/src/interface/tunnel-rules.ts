import { canonicalPrefix, familyOf } from './canonical-prefix.js';
import type { InterfaceChange } from './interface-change.js';
import { EXIT_MARK, type InterfaceSettings } from './interface-settings.js';
import { defaultRoute, parse } from './interface-state.js';
import type { RunCommand } from './run-command.js';

/**
 * The routing table that holds the routes through the tunnel, apart from those of the host. What has the mark never
 * looks there: a datagram that carries the tunnel would go round in circles where a route covers the peer's own address.
 */
export const TUNNEL_TABLE = String(EXIT_MARK);

/** Priorities of the rules below; nobody else's rules lie between them. They come before the main table's 32766. */
const PRIORITY = { bypass: 5267, names: 5268, specific: 5269, tunnel: 5270 } as const;

/** Routes of the main table that are no longer than this count as its default: some write that in two or eight pieces. */
const WIDEST_DEFAULT = 7;

/** Loses against every other default route of the table, and is what remains of them when the interface is gone. */
const SEAL = `route add unreachable default metric 65535 table ${TUNNEL_TABLE}`;

interface RuleJson {
  readonly priority: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly ipproto?: string;
  readonly fwmark?: string;
}

interface RouteJson {
  readonly dst: string;
  readonly table?: string;
}

interface TunnelRule {
  readonly family: 4 | 6;
  readonly priority: number;
  /** What tells it from others of its priority, as `ip rule` takes it. */
  readonly selector: string;
}

export type RuleSettings = Pick<InterfaceSettings, 'routes' | 'bypass' | 'lan' | 'mark'>;

/**
 * The changes that make the host's rules what the settings ask for. What is not marked takes the table of the tunnel,
 * but what the host knows a way of its own to: its networks win over those of others. With a default route everything
 * takes it, unless the own networks are to stay in reach; and where it ends, everything ends, even when the interface
 * is gone because this process was killed.
 * @param families those that this host has
 */
export async function tunnelRuleChanges(
  settings: RuleSettings,
  families: readonly (4 | 6)[],
  run: RunCommand,
): Promise<InterfaceChange[]> {
  const changes = await Promise.all(families.map((family) => familyChanges(family, settings, run)));
  return changes.flat();
}

async function familyChanges(family: 4 | 6, settings: RuleSettings, run: RunCommand): Promise<InterfaceChange[]> {
  const wanted = wantedRules(family, settings);
  const [present, wasSealed] = [await readRules(family, run), await isSealed(family, run)];
  const seals = prefixesOf(family, settings.routes).includes(defaultRoute(family));
  // What holds packets back is there first and goes last; and between the two marks neither loops.
  return [
    ...(seals && !wasSealed ? [{ family, line: SEAL }] : []),
    ...wanted.filter(notIn(present)).map((rule) => change('add', rule)),
    ...present.filter(notIn(wanted)).map((rule) => change('delete', rule)),
    ...(wasSealed && !seals ? [{ family, line: SEAL.replace('add', 'delete') }] : []),
  ];
}

function wantedRules(family: 4 | 6, { routes, bypass = [], lan = true, mark = EXIT_MARK }: RuleSettings): TunnelRule[] {
  const through = prefixesOf(family, routes);
  if (through.length === 0) return [];
  const isExit = through.includes(defaultRoute(family));
  const rule = (priority: number, selector: string): TunnelRule => ({ family, priority, selector });
  return [
    ...prefixesOf(family, bypass).map((to) => rule(PRIORITY.bypass, `to ${to}`)),
    // What a host looks up says where it goes: no nameserver of the own network is to hear of it.
    ...(isExit && lan ? ['udp', 'tcp'].map((protocol) => rule(PRIORITY.names, `ipproto ${protocol} dport 53`)) : []),
    ...(isExit && !lan ? [] : [rule(PRIORITY.specific, '')]),
    rule(PRIORITY.tunnel, `not fwmark ${mark}`),
  ];
}

const prefixesOf = (family: 4 | 6, prefixes: readonly string[]): string[] => [
  ...new Set(prefixes.map(canonicalPrefix).filter((prefix) => familyOf(prefix) === family)),
];

async function readRules(family: 4 | 6, run: RunCommand): Promise<TunnelRule[]> {
  const rules = parse<RuleJson>(await run('ip', [`-${family}`, '-json', 'rule', 'show']));
  const own: readonly number[] = Object.values(PRIORITY);
  return rules
    .filter(({ priority }) => own.includes(priority))
    .map((rule) => ({ family, priority: rule.priority, selector: selectorOf(rule) }));
}

function selectorOf({ priority, dst, dstlen, ipproto, fwmark }: RuleJson): string {
  if (priority === PRIORITY.tunnel) return `not fwmark ${Number(fwmark)}`;
  if (dst !== undefined) return `to ${canonicalPrefix(dstlen === undefined ? dst : `${dst}/${dstlen}`)}`;
  return ipproto === undefined ? '' : `ipproto ${ipproto} dport 53`;
}

/** A crash may have left it. */
async function isSealed(family: 4 | 6, run: RunCommand): Promise<boolean> {
  const json = await run('ip', [`-${family}`, '-json', 'route', 'show', 'table', 'all', 'type', 'unreachable']);
  return parse<RouteJson>(json).some(({ dst, table }) => dst === 'default' && table === TUNNEL_TABLE);
}

const notIn = (rules: readonly TunnelRule[]) => {
  const key = ({ priority, selector }: TunnelRule) => `${priority} ${selector}`;
  const keys = new Set(rules.map(key));
  return (rule: TunnelRule): boolean => !keys.has(key(rule));
};

const LOOKUP: Readonly<Record<number, string>> = {
  [PRIORITY.bypass]: 'main',
  [PRIORITY.names]: TUNNEL_TABLE,
  [PRIORITY.specific]: `main suppress_prefixlength ${WIDEST_DEFAULT}`,
  [PRIORITY.tunnel]: TUNNEL_TABLE,
};

const change = (verb: 'add' | 'delete', { family, priority, selector }: TunnelRule): InterfaceChange => ({
  family,
  line: `rule ${verb} priority ${priority} ${selector && `${selector} `}lookup ${LOOKUP[priority]}`,
});
