import type { Label } from '#policy';
import type { OwnRoute, PeerItem, SelfItem } from './item.js';
import type { Party } from './labels.js';
import type { NodeRecord } from './network.js';
import type { PolicyIndex } from './policy-index.js';
import { keep } from './same-value.js';
import type { NodeFacts } from './state-facts.js';

/** What the policy and the other routers make of a node. */
export interface Standing {
  /** Undefined for a node that does not take part. */
  readonly party: Party | undefined;
  readonly policy: PolicyIndex;
  isPrimary(prefix: string): boolean;
}

/** The record of a node; the one before, or what of it says the same, is kept. */
export function recordOf(facts: NodeFacts, standing: Standing, before: NodeRecord | undefined): NodeRecord {
  const { party } = standing;
  const after: NodeRecord = {
    id: facts.node.id,
    userId: facts.node.userId,
    offers: keep(before?.offers, facts.offers),
    self: keep(before?.self, selfOf(facts, standing)),
    presence: party && { peer: keep(before?.presence?.peer, peerOf(facts, standing)), party },
  };
  return before && before.offers === after.offers && !differs(before, after) ? before : after;
}

/** Whether the two differ in anything that a netmap may show. */
export const differs = (before: NodeRecord | undefined, after: NodeRecord | undefined): boolean =>
  before?.self !== after?.self ||
  before?.presence?.peer !== after?.presence?.peer ||
  before?.presence?.party.id !== after?.presence?.party.id ||
  before?.userId !== after?.userId;

function selfOf(facts: NodeFacts, standing: Standing): SelfItem {
  const { node, owner } = facts;
  return {
    kind: 'self',
    ...commonOf(facts),
    keyExpiresAt: node.keyExpiresAt ?? undefined,
    approved: node.approved,
    expired: node.expired,
    suspended: owner?.suspended === true,
    routes: ownRoutesOf(facts, standing),
    labels: labelsIn(standing, standing.policy.ownLabels),
  };
}

const peerOf = (facts: NodeFacts, standing: Standing): PeerItem => ({
  kind: 'peer',
  ...commonOf(facts),
  os: facts.node.os,
  labels: labelsIn(standing, standing.policy.sourceLabels),
});

const labelsIn = ({ party }: Standing, shown: ReadonlySet<Label>): readonly Label[] =>
  party?.labels.filter((label) => shown.has(label)) ?? [];

function ownRoutesOf({ node }: NodeFacts, standing: Standing): OwnRoute[] {
  const routes: OwnRoute[] = [];
  for (const [prefix, { advertised, approved }] of node.routes) {
    if (advertised) routes.push({ prefix, approved, primary: standing.isPrimary(prefix) });
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
