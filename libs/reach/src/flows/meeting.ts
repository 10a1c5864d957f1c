import { isExitPrefix } from '#netmap';
import type { Rule } from '#policy';
import type { End } from './end.js';
import { V4 } from './families.js';
import type { Member, Moment } from './moment.js';
import type { Sides } from './sides.js';

/** A rule under which packets pass between two ends, in these families. */
export type Meeting = readonly [rule: Rule, families: number];

/**
 * The rules under which packets pass from one end to another at a moment: those that name both, as far as there is a way
 * between the two. Whether rules for nodes of the same user apply is not decided here.
 */
export function rulesBetween(moment: Moment, m: 0 | 1, from: End, to: End): Meeting[] {
  const common = commonRules(moment, from.sides[m], to.sides[m]);
  if (common.length === 0) return common;
  const carriers = carriersBetween(moment, from, to);
  if (carriers === 'direct') return common;
  return common.filter(([{ via }]) =>
    carriers.some(({ node }) => via.length === 0 || via.some((tag) => node.tags.includes(tag))),
  );
}

function commonRules(moment: Moment, from: Sides, to: Sides): Meeting[] {
  const [fewer, more] = from.from.size < to.to.size ? [from.from, to.to] : [to.to, from.from];
  const common: Meeting[] = [];
  for (const [id, families] of fewer) {
    const both = families & (more.get(id) ?? 0);
    const rule = both > 0 ? moment.rule(id) : undefined;
    if (rule) common.push([rule, both]);
  }
  return common;
}

/** The routers that forward to the destination; none when there is no way. */
function carriersBetween(moment: Moment, from: End, to: End): 'direct' | readonly Member[] {
  if (from.kind === 'nodes' && to.kind === 'nodes') return 'direct';
  if (from.kind === 'nodes') return present(wayInto(moment, memberOf(moment, from), to));
  if (to.kind === 'nodes') {
    // The node must send its answers back the way that the packets came.
    const back = wayInto(moment, memberOf(moment, to), from);
    return back ? 'direct' : [];
  }
  if (to.exit !== undefined) return [];
  return routersOf(moment, from).flatMap((origin) => {
    const carrier = wayInto(moment, origin, to);
    return carrier && wayInto(moment, carrier, from) === origin ? [carrier] : [];
  });
}

const present = (member: Member | undefined): Member[] => (member ? [member] : []);

/** Classes of several nodes are of such as the moments do not tell apart, so one of them stands for all. */
const memberOf = (moment: Moment, end: End & { kind: 'nodes' }): Member | undefined =>
  moment.members.get(end.nodes[0] ?? '');

/** The router that a node sends packets to these addresses to; none when it is on their network itself. */
function wayInto(moment: Moment, viewer: Member | undefined, to: End): Member | undefined {
  const cell = to.kind === 'cells' ? to.cells[0] : undefined;
  if (!viewer || !cell || to.kind === 'nodes') return undefined;
  const router = subnetRouter(moment, viewer, cell.chain);
  if (to.exit === undefined) return router === viewer ? undefined : router;
  const exit = moment.members.get(to.exit);
  const isFree = router === undefined && exit !== undefined;
  return isFree && moment.mayExit(viewer, exit, cell.family === V4 ? '0.0.0.0/0' : '::/0') ? exit : undefined;
}

/** The router of the narrowest route that the viewer is told of, or the viewer where that is its own. */
function subnetRouter(moment: Moment, viewer: Member, chain: readonly string[]): Member | undefined {
  for (const prefix of chain) {
    const router = isExitPrefix(prefix) ? undefined : moment.routerFor(viewer, prefix);
    if (router) return router;
  }
  return undefined;
}

function routersOf(moment: Moment, end: End & { kind: 'cells' }): Member[] {
  const prefixes = (end.cells[0]?.chain ?? []).filter((prefix) => !isExitPrefix(prefix));
  return [...new Set(prefixes.flatMap((prefix) => moment.waysTo(prefix).map(({ router }) => router)))];
}
