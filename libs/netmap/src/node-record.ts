import type { Label } from '#policy';
import { cohortIdOf } from './cohorts.js';
import type { OwnRoute, PeerItem, SelfItem } from './item.js';
import type { NodeRecord } from './network.js';
import { keep } from './same-value.js';
import type { NodeFacts } from './state-facts.js';

/** What the policy and the election say about a node. */
export interface Standing {
  /** Empty for a node that does not take part. */
  readonly labels: readonly Label[];
  /** Those of all labels that receivers need to know of senders. */
  readonly sourceLabels: ReadonlySet<Label>;
  isServing(prefix: string): boolean;
}

/** The record of a node; the items of the one before are kept where they say the same. */
export function recordOf(facts: NodeFacts, standing: Standing, before: NodeRecord | undefined): NodeRecord {
  const { node, active, offers } = facts;
  const labels = standing.labels.filter((label) => standing.sourceLabels.has(label));
  const peer = (): PeerItem => ({ kind: 'peer', ...commonOf(facts), os: node.os, labels });
  return {
    id: node.id,
    userId: node.userId,
    offers,
    self: keep(before?.self, selfOf(facts, standing, labels)),
    presence: active ? { peer: keep(before?.presence?.peer, peer()), cohort: cohortIdOf(standing.labels) } : undefined,
  };
}

/** Whether the two differ in anything that a netmap may show. */
export const differs = (before: NodeRecord | undefined, after: NodeRecord | undefined): boolean =>
  before?.self !== after?.self ||
  before?.presence?.peer !== after?.presence?.peer ||
  before?.presence?.cohort !== after?.presence?.cohort ||
  before?.userId !== after?.userId;

function selfOf(facts: NodeFacts, standing: Standing, labels: readonly Label[]): SelfItem {
  const { node } = facts;
  return {
    kind: 'self',
    ...commonOf(facts),
    keyExpiresAt: node.keyExpiresAt ?? undefined,
    approved: node.approved,
    expired: node.expired,
    routes: ownRoutesOf(facts, standing),
    labels,
  };
}

function ownRoutesOf({ node }: NodeFacts, standing: Standing): OwnRoute[] {
  const routes: OwnRoute[] = [];
  for (const [prefix, { advertised, approved }] of node.routes) {
    if (advertised) routes.push({ prefix, approved, primary: approved && standing.isServing(prefix) });
  }
  return routes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

const commonOf = ({ node, owner, dnsSuffix }: NodeFacts) => ({
  id: node.id,
  name: node.name,
  dnsName: `${node.name}.${dnsSuffix}`,
  ipv4: node.ipv4,
  ipv6: node.ipv6,
  user: owner?.login,
  tags: node.tags,
  nodeKey: node.nodeKey,
});
