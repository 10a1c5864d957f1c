import { isExitPrefix } from '#netmap';
import type { Rule } from '#policy';
import type { CellsEnd, End } from './end.js';
import { V4 } from './families.js';
import type { Member, Moment } from './moment.js';
import type { Sides } from './sides.js';

/** A rule under which packets pass between two ends, in these families. */
export type Meeting = readonly [rule: Rule, families: number];

/** What passes between two ends at a moment. */
export interface Passage {
  readonly meetings: readonly Meeting[];
  /**
   * Whether the two meet without the tailnet: then nothing passes through the tailnet, and
   * the rules are those that would apply if it did.
   */
  readonly isOwnGround: boolean;
}

/**
 * The rules under which packets pass from one end to another at a moment: those that name both, as far as there is a way
 * between the two. Whether rules for nodes of the same user apply is not decided here.
 */
export function passageBetween(moment: Moment, m: 0 | 1, from: End, to: End): Passage {
  const common = commonRules(moment, from.sides[m], to.sides[m]);
  if (common.length === 0) return { meetings: common, isOwnGround: false };
  if (isOwnGround(moment, from, to)) {
    return { meetings: common.filter(([{ via }]) => via.length === 0), isOwnGround: true };
  }
  const carriers = carriersBetween(moment, from, to);
  if (carriers === 'direct') return { meetings: common, isOwnGround: false };
  const meetings = common.filter(([{ via }]) =>
    carriers.some(({ node }) => via.length === 0 || via.some((tag) => node.tags.includes(tag))),
  );
  return { meetings, isOwnGround: false };
}

/**
 * Whether two ends meet without the tailnet, if at all: a node that routes to the addresses itself, or is the exit node;
 * addresses behind the same routers.
 */
export function isOwnGround(moment: Moment, one: End, other: End): boolean {
  if (one.kind === 'nodes') return other.kind === 'cells' && isOnGround(moment, memberOf(moment, one), other);
  if (other.kind === 'nodes') return isOnGround(moment, memberOf(moment, other), one);
  if (one.exit !== undefined || other.exit !== undefined) return false;
  return areOnGround(moment, one, other) || areOnGround(moment, other, one);
}

function isOnGround(moment: Moment, member: Member | undefined, { cells, exit }: CellsEnd): boolean {
  if (!member || member.routes.length === 0) return false;
  if (exit !== undefined) return exit === member.node.id;
  return moment.subnetRouter(member, cells[0]?.chain ?? []) === member;
}

function areOnGround(moment: Moment, from: CellsEnd, to: CellsEnd): boolean {
  const routers = routersOf(moment, from);
  return routers.length > 0 && routers.every((router) => isOnGround(moment, router, to));
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
  const router = moment.subnetRouter(viewer, cell.chain);
  if (to.exit === undefined) return router === viewer ? undefined : router;
  const exit = moment.members.get(to.exit);
  const isFree = router === undefined && exit !== undefined;
  return isFree && moment.mayExit(viewer, exit, cell.family === V4 ? '0.0.0.0/0' : '::/0') ? exit : undefined;
}

function routersOf(moment: Moment, end: End & { kind: 'cells' }): Member[] {
  const prefixes = (end.cells[0]?.chain ?? []).filter((prefix) => !isExitPrefix(prefix));
  return [...new Set(prefixes.flatMap((prefix) => moment.waysTo(prefix).map(({ router }) => router)))];
}
