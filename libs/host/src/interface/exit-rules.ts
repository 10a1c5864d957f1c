import { canonicalPrefix, familyOf } from './canonical-prefix.js';
import type { InterfaceChange } from './interface-change.js';
import { EXIT_MARK, type InterfaceSettings } from './interface-settings.js';
import { defaultRoute, parse } from './interface-state.js';
import type { RunCommand } from './run-command.js';

/** The routing table that holds the default route through the tunnel, apart from the routes of the host. */
export const EXIT_TABLE = String(EXIT_MARK);

/** Priorities of the rules below; nobody else's rules lie between them. They come before the main table's 32766. */
const PRIORITY = { bypass: 5268, specific: 5269, exit: 5270 } as const;

interface RuleJson {
  readonly priority: number;
  readonly dst?: string;
  readonly dstlen?: number;
}

/** One routing rule: what `ip rule add` takes after the family. */
interface ExitRule {
  readonly family: 4 | 6;
  readonly priority: number;
  /** The destination, for bypasses. */
  readonly to?: string;
}

/**
 * The changes that make the rules of an exit node what the settings ask for: everything that is not
 * marked takes the table of the tunnel, unless the main table knows a way that is more specific than its default.
 */
export async function exitRuleChanges(
  settings: Pick<InterfaceSettings, 'routes' | 'bypass'>,
  run: RunCommand,
): Promise<InterfaceChange[]> {
  const present = (await Promise.all([readRules(4, run), readRules(6, run)])).flat();
  const wanted = ([4, 6] as const).flatMap((family) => wantedRules(family, settings));
  const has = (rules: readonly ExitRule[]) => {
    const keys = new Set(rules.map(keyOf));
    return (rule: ExitRule) => keys.has(keyOf(rule));
  };
  const added = wanted.filter((rule) => !has(present)(rule));
  const removed = present.filter((rule) => !has(wanted)(rule));
  // Added first: between the two the tunnel's own packets must not fall into the tunnel.
  return [...added.map((rule) => change('add', rule)), ...removed.map((rule) => change('delete', rule))];
}

function wantedRules(family: 4 | 6, { routes, bypass = [] }: Pick<InterfaceSettings, 'routes' | 'bypass'>): ExitRule[] {
  if (!routes.map(canonicalPrefix).includes(defaultRoute(family))) return [];
  const around = [...new Set(bypass.map(canonicalPrefix))].filter((prefix) => familyOf(prefix) === family);
  return [
    ...around.map((to) => ({ family, priority: PRIORITY.bypass, to })),
    { family, priority: PRIORITY.specific },
    { family, priority: PRIORITY.exit },
  ];
}

async function readRules(family: 4 | 6, run: RunCommand): Promise<ExitRule[]> {
  const rules = parse<RuleJson>(await run('ip', [`-${family}`, '-json', 'rule', 'show']));
  const own: readonly number[] = Object.values(PRIORITY);
  return rules
    .filter(({ priority }) => own.includes(priority))
    .map(({ priority, dst, dstlen }) => ({
      family,
      priority,
      ...(dst !== undefined && { to: canonicalPrefix(dstlen === undefined ? dst : `${dst}/${dstlen}`) }),
    }));
}

const keyOf = ({ family, priority, to }: ExitRule): string => `${family} ${priority} ${to}`;

function change(verb: 'add' | 'delete', { family, priority, to }: ExitRule): InterfaceChange {
  const line = `rule ${verb} priority ${priority}`;
  if (priority === PRIORITY.bypass) return { family, line: `${line} to ${to} lookup main` };
  if (priority === PRIORITY.specific) return { family, line: `${line} lookup main suppress_prefixlength 0` };
  return { family, line: `${line} not fwmark ${EXIT_MARK} lookup ${EXIT_TABLE}` };
}
