import { isExitPrefix } from '#netmap';
import { type AccessQuestion, AddressSet, type ExplainedRule, identityLabels, indexGroups } from '#policy';
import { explainPolicy, type Node, type RouteApprover, subjectOf, type TailnetState } from '#tailnet';
import { Moment } from '../flows/moment.js';
import { carries } from '../flows/services.js';
import { flowsAt } from './flows-at.js';
import { unknownName } from './selection.js';

/** Whether one can reach another at a moment, and what decides it. */
export interface Reach {
  readonly allowed: boolean;
  /** One sentence. */
  readonly summary: string;
  /** The rule that decides, or comes nearest; null when there is none. */
  readonly rule: ExplainedRule | null;
  /** The revision that published the policy. */
  readonly policySince: number;
  /** What keeps packets from passing although the policy would let them, in words. */
  readonly obstacles: readonly string[];
  /** The router that carries them; null when they go straight to a machine. */
  readonly route: ReachRoute | null;
  /** What machines that the question names belong to: user, groups, roles, tags. */
  readonly identities: Readonly<Record<string, readonly string[]>>;
}

/** A router on the way. */
export interface ReachRoute {
  readonly prefix: string;
  /** The name and the id of the router. */
  readonly router: string;
  readonly routerId: string;
  readonly approvedBy: RouteApprover | null;
  /** The revision since which it has been in force. */
  readonly since: number;
  /** The names of the routers that would stand in for it. */
  readonly standby: readonly string[];
}

/**
 * Whether packets pass from one name to another at a state: by the policy, and by who takes part and who routes.
 * @throws NetfoldError `policy.unknown_name`
 */
export function explainReach(state: TailnetState, question: AccessQuestion): Reach {
  const { allowed: isPermitted, summary, rule } = explainPolicy(state, question);
  if (isPermitted === undefined) throw unknownName(summary);
  const moment = Moment.of(state);
  const nodes = [question.src, question.dst].flatMap((name) => nodeOf(state, name) ?? []);
  const absences = nodes.flatMap((node) => absenceOf(state, node) ?? []);
  const route = routeTo(moment, question);
  const passes = isPermitted && absences.length === 0 && isCarried(state, question);
  const obstacles = !isPermitted || passes ? [] : absences.length > 0 ? absences : [noWay(moment, question, route)];
  return {
    allowed: passes,
    summary: passes || !isPermitted ? summary : `${summary}; but ${obstacles.join(', and ')}`,
    rule: rule ?? null,
    policySince: state.policy.revision,
    obstacles,
    route,
    identities: Object.fromEntries(nodes.map((node) => [node.name, identitiesOf(moment, node)])),
  };
}

const nodeOf = (state: TailnetState, name: string): Node | undefined =>
  state.nodes.get(name) ?? state.nodes.get(state.byName.get(name) ?? '');

/** Whether a packet finds its way: people without machines are taken as if they had one, and then only the policy counts. */
function isCarried(state: TailnetState, { src, dst, protocol, port }: AccessQuestion): boolean {
  const { flows, moments } = flowsAt(state, src, dst);
  if (flows.some(({ services }) => carries(services, protocol, port))) return true;
  return isImagined(moments[1], src) || isImagined(moments[1], dst);
}

const isImagined = ({ state, members }: Moment, name: string): boolean => {
  const isIdentity = name.includes('@') || name.startsWith('tag:') || name.startsWith('group:');
  const ids = [...members.values()].filter(({ login, node }) => login === name || node.tags.includes(name));
  return isIdentity && ids.length === 0 && !state.byName.has(name);
};

function absenceOf(state: TailnetState, node: Node): string | undefined {
  if (!node.approved) return `${node.name} waits for approval`;
  if (node.expired) return `the key of ${node.name} has expired`;
  const owner = node.userId === undefined ? undefined : state.users.get(node.userId);
  if (node.userId !== undefined && !owner) return `the owner of ${node.name} is gone`;
  return owner?.suspended ? `${owner.login}, who owns ${node.name}, is suspended` : undefined;
}

function noWay(moment: Moment, { src, dst }: AccessQuestion, route: ReachRoute | null): string {
  if (route && nodeOf(moment.state, src)?.id === route.routerId) return `${src} routes to ${dst} itself`;
  return route ? `no route leads from ${src} to ${dst}` : `no machine routes to ${dst}`;
}

/** The route of a destination that is an address, or a host of the policy. */
function routeTo(moment: Moment, { src, dst }: AccessQuestion): ReachRoute | null {
  const { state } = moment;
  const address = AddressSet.of([state.policy.policy?.hosts.get(dst) ?? dst]);
  const isOwn = [...address.prefixes()].some((prefix) => state.byAddress.has(prefix.replace(/\/.*/, '')));
  if (address.isEmpty || isOwn) return null;
  const bitsOf = (prefix: string) => Number(prefix.split('/')[1]);
  const around = moment.prefixes.filter((prefix) => AddressSet.of([prefix]).includes(address));
  const viewer = moment.members.get(nodeOf(state, src)?.id ?? '');
  for (const prefix of around.sort((a, b) => bitsOf(b) - bitsOf(a))) {
    const ways = moment.waysTo(prefix).map(({ router }) => router);
    const router = viewer ? moment.routerFor(viewer, prefix) : ways[0];
    if (!router) continue;
    const route = router.node.routes.get(prefix);
    const others = isExitPrefix(prefix) ? [] : ways.filter((other) => other !== router);
    return {
      prefix,
      router: router.node.name,
      routerId: router.node.id,
      approvedBy: route?.by ?? null,
      since: route?.inForceSince ?? -1,
      standby: others.map(({ node }) => node.name),
    };
  }
  return null;
}

function identitiesOf({ state, directory }: Moment, node: Node): string[] {
  const groups = state.policy.policy ? indexGroups(state.policy.policy) : new Map<string, string[]>();
  const labels = identityLabels(subjectOf(state, node), groups, directory);
  return labels.filter((label) => !label.startsWith('user:*@')).map((label) => label.replace(/^user:/, ''));
}
