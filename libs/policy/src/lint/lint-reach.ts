import type { CompiledPolicy } from '../compile/compiled-policy.js';
import { isRoutable } from '../compile/rule-atoms.js';
import { targetSelectors } from '../compile/selectors.js';
import type { AccessRule, Mention, Policy } from '../language/policy.js';
import { isAllPorts } from '../language/ports.js';
import type { PolicyProblem } from '../problem.js';
import { warning } from './warning.js';

/** Rules that let nothing through, and rules that let everyone through. */
export function lintReach(policy: Policy, compiled: CompiledPolicy): PolicyProblem[] {
  const effective = new Set([...compiled.origins.values()].flat());
  const problems = (policy.rules ?? []).flatMap((rule) => {
    const empty = emptiness(rule, policy);
    if (empty)
      return [warning(rule, 'policy.never_matches', `${rule.name} can never match: ${empty}`, 'mend or remove it')];
    if (rule.action === 'accept' && !effective.has(rule)) {
      const message = `${rule.name} has no effect: drop rules take away all that it accepts`;
      return [warning(rule, 'policy.dropped', message, 'remove it, or narrow the drop rules')];
    }
    return overWide(rule);
  });
  if (policy.rules !== undefined) return problems;
  const message = 'there are no "acls" and no "grants", so everyone may reach everything';
  return [warning({ line: 1, column: 1 }, 'policy.over_wide', message, 'write "acls": [] to deny all, or rules')];
}

/** Why a rule matches nothing, whoever is in the network. */
function emptiness(rule: AccessRule, policy: Policy): string | undefined {
  if (rule.src.length === 0) return 'it has no "src"';
  if (rule.dst.length === 0) return 'it has no "dst"';
  if (rule.src.every((mention) => isEmpty(mention, policy))) return `${list(rule.src)} has no members`;
  const to = rule.dst.map((destination) => destination.to);
  if (to.every((mention) => isEmpty(mention, policy))) return `${list(to)} has no members`;
  const routed = to.some(({ target }) => targetSelectors(target, policy).some(isRoutable));
  return rule.via.length > 0 && !routed ? '"via" is about routes, and "dst" names no prefix' : undefined;
}

/** A group without members may yet be synced from an identity provider only when the file does not define it. */
function isEmpty({ target }: Mention, policy: Policy): boolean {
  if (target.kind === 'group') return policy.groups.get(target.name)?.length === 0;
  return target.kind === 'ipset' && policy.ipsets.get(target.name)?.length === 0;
}

const list = (mentions: readonly Mention[]): string => mentions.map(({ text }) => text).join(', ');

function overWide(rule: AccessRule): PolicyProblem[] {
  if (rule.action !== 'accept') return [];
  const everyone = rule.src.find(({ text }) => text === '*' || text === 'autogroup:danger-all');
  const everything = rule.dst.find(
    ({ to, services }) =>
      to.target.kind === 'wildcard' &&
      services.some(({ protocols, ports }) => protocols.length === 0 && isAllPorts(ports)),
  );
  if (everyone?.text === 'autogroup:danger-all') {
    const message = `${rule.name} lets in addresses outside of the tailnet`;
    return [warning(everyone, 'policy.over_wide', message, 'use "*" for everyone in the tailnet')];
  }
  if (!everyone || !everything || rule.srcPosture.length > 0) return [];
  const message = `${rule.name} lets everyone reach every port of everything`;
  return [warning(rule, 'policy.over_wide', message, 'name who may reach what')];
}
