import { EMPTY_HEAD, type LedgerEvent, seal } from '#event-store';
import { type JsonObject, toHex } from '#kernel';
import { digestOfView, type Netmap, viewOf } from '#netmap';
import { aTailnet, nodeId, type TailnetBuilder } from '#tailnet/testing';
import { encodeItem } from '#wire';
import type { AgentHistory, Applied, History, Order } from './history.js';
import { type Moment, momentsOf } from './moments.js';

const NODES = ['red', 'green', 'blue', 'gold'];
const POLICY = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]}';

/** What an admin orders, one after the other, from this revision on. */
const ORDERED: readonly ((tailnet: TailnetBuilder) => TailnetBuilder)[] = [
  (tailnet) => tailnet.withPolicy(POLICY),
  (tailnet) => tailnet.with('NodeRenamed', { nodeId: nodeId('red'), name: 'crimson', pinned: true }),
  (tailnet) => tailnet.with('NodeRemoved', { nodeId: nodeId('blue'), reason: 'removed' }),
  (tailnet) => tailnet.with('NodeRenamed', { nodeId: nodeId('gold'), name: 'amber', pinned: true }),
  (tailnet) =>
    tailnet.with('DnsConfigured', {
      magicDns: true,
      nameservers: [],
      searchDomains: ['x.test'],
      splitDns: {},
      records: [],
    }),
];

/** A short history in which nothing is wrong: four agents, one admin, two replicas. Specs break one thing each. */
export function soundHistory(): History {
  const start = NODES.reduce((tailnet, name) => tailnet.withNode(name, { tags: ['tag:a'] }), aTailnet());
  const from = start.events.length;
  const { events } = ORDERED.reduce((tailnet, order) => order(tailnet), start);
  const drafts = events.map(({ event: { type, version, data } }, i) => ({
    stream: 'tailnet-test',
    type,
    version,
    data: data as JsonObject,
    commandId: `${commandOf(i)}:0123`,
    actor: i < from ? { kind: 'system' as const, id: 'test' } : { kind: 'token' as const, id: 'admin' },
  }));
  const ledger = seal(EMPTY_HEAD, drafts, 1_000);
  const moments = [...momentsOf(ledger)];
  const last = ledger.length - 1;
  return {
    orders: ledger.slice(from).map(orderOf),
    reads: moments.slice(from).map(({ state, revision }) => ({
      replica: 1,
      askedAt: timeOf(revision),
      answeredAt: timeOf(revision) + 1,
      minRevision: revision,
      revision,
      nodeNames: [...state.nodes.values()].map(({ name }) => name).sort(),
      policy: state.policy.text,
    })),
    claims: [{ replica: 0, revision: last, saidAt: timeOf(last) + 5 }],
    agents: NODES.map((name) => agentOf(name, moments)),
    sealed: ledger,
    damage: undefined,
    ledger,
  };
}

/** When the event of a revision was ordered; it is answered three later. */
const timeOf = (revision: number): number => 10_000 + revision * 10;

const commandOf = (revision: number): string => `command${revision}`;

function orderOf({ type, revision, data, id }: LedgerEvent): Order {
  const sentAt = timeOf(revision);
  const removes = type === 'NodeRemoved' ? { removes: String(data.nodeId) } : {};
  return {
    commandId: commandOf(revision),
    what: `${type} by admin`,
    event: type,
    leaves: true,
    mark: String(data.name ?? ''),
    ...removes,
    tries: [{ replica: 0, sentAt, endedAt: sentAt + 3, result: 'done', revision }],
    answer: { revision, eventIds: [id] },
  };
}

function agentOf(name: string, moments: readonly Moment[]): AgentHistory {
  const id = nodeId(name);
  const applied: Applied[] = [];
  let peers: readonly string[] = [];
  for (const { network, revision } of moments) {
    if (!network.nodes.has(id)) continue;
    const now = peersIn(viewOf(network, id));
    applied.push({
      at: timeOf(revision) + 2,
      replica: 1,
      revision,
      digest: toHex(digestOfView(network, id, encodeItem)),
      snapshot: applied.length === 0,
      resumed: false,
      gained: now.filter((peer) => !peers.includes(peer)),
      lost: peers.filter((peer) => !now.includes(peer)),
    });
    peers = now;
  }
  return { nodeId: id, name, applied, refused: [], member: moments.at(-1)?.network.nodes.has(id) ?? false };
}

const peersIn = (netmap: Netmap): string[] =>
  [...netmap.values()].filter(({ kind }) => kind === 'peer').map(({ id }) => id);
