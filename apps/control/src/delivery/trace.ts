import type { StoredEvent } from '#event-store';
import type { DeliveredFrame } from './delivered.js';
import type { Gap } from './delivery-file.js';
import type { Evidence } from './delivery-log.js';
import type { Effect } from './effect.js';
import { countsOf, type ItemCounts } from './item-counts.js';

/** How an event took effect at a node that it concerns. Times are milliseconds since the Unix epoch. */
export interface NodeTrace {
  readonly nodeId: string;
  /** As the node was called at that revision. */
  readonly name: string;
  /**
   * - `applied`: the node holds this netmap, or a later one.
   * - `behind`: it does not yet.
   * - `gone`: it does not, and is not waited for: it takes no part in the network any more.
   */
  readonly state: 'applied' | 'behind' | 'gone';
  /** What the event changed in its netmap. */
  readonly changes: ItemCounts;
  /** When the server learnt that it is applied. */
  readonly at?: number;
  /** Whether it was not applied earlier than that; false when the server was not there to see it. */
  readonly exact?: boolean;
  /** The frame that brought it, with whatever else was to be said by then. */
  readonly frame?: DeliveredFrame;
  /** Of a node that is behind: when the frame left that it has not acknowledged. */
  readonly sentAt?: number;
  readonly online: boolean;
  /** Of a node that is not online: when it was last heard of; absent: never. */
  readonly lastSeen?: number;
}

/** How an event took effect. */
export interface Trace {
  readonly concerned: number;
  readonly applied: number;
  readonly behind: number;
  readonly gone: number;
  /** When the last one had applied it, or was no longer waited for; absent while somebody is behind. */
  readonly inForceAt?: number;
  /** False: some of it is known to have happened, and not exactly when. */
  readonly exact: boolean;
  /** Times in which the server may have lost what it learnt. */
  readonly gaps: readonly Gap[];
  /** Those who are behind first, then as they applied it. */
  readonly nodes: readonly NodeTrace[];
}

/** What a trace is made of. */
export interface TraceFacts {
  readonly event: Pick<StoredEvent, 'revision' | 'recordedAt'>;
  readonly effect: Effect;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly gaps: readonly Gap[];
  /** When a node that is not waited for stopped to take part; undefined: it takes part. */
  goneSince(nodeId: string): number | undefined;
  nameOf(nodeId: string): string;
  sentAt(nodeId: string): number | undefined;
  isOnline(nodeId: string): boolean;
  lastSeen(nodeId: string): number | undefined;
}

const ORDER: Readonly<Record<NodeTrace['state'], number>> = { behind: 0, applied: 1, gone: 2 };

/** Puts together what is known of an event's way to the nodes. */
export function traceOf(facts: TraceFacts): Trace {
  const nodes = [...facts.effect.diffs.keys()].map((nodeId) => nodeTrace(facts, nodeId));
  const count = (state: NodeTrace['state']) => nodes.filter((node) => node.state === state).length;
  const behind = count('behind');
  return {
    concerned: nodes.length,
    applied: count('applied'),
    behind,
    gone: count('gone'),
    ...(behind === 0 && { inForceAt: inForceAt(facts, nodes) }),
    exact: nodes.every(({ exact }) => exact !== false),
    gaps: facts.gaps,
    nodes: nodes.sort(
      (a, b) => ORDER[a.state] - ORDER[b.state] || (a.at ?? 0) - (b.at ?? 0) || (a.name < b.name ? -1 : 1),
    ),
  };
}

function inForceAt({ event, goneSince }: TraceFacts, nodes: readonly NodeTrace[]): number {
  const times = nodes.map(({ nodeId, at }) => at ?? goneSince(nodeId) ?? 0);
  return times.reduce((last, time) => Math.max(last, time), event.recordedAt);
}

function nodeTrace(facts: TraceFacts, nodeId: string): NodeTrace {
  const { effect, evidence } = facts;
  const found = evidence.get(nodeId);
  const diff = effect.diffs.get(nodeId);
  const common = {
    nodeId,
    name: facts.nameOf(nodeId),
    changes: diff ? countsOf(diff) : {},
    online: facts.isOnline(nodeId),
  };
  if (found) {
    const { at, exact, frame } = found;
    return { ...common, state: 'applied', at, exact, ...(frame && { frame }) };
  }
  if (facts.goneSince(nodeId) !== undefined) return { ...common, state: 'gone' };
  const sentAt = facts.sentAt(nodeId);
  const lastSeen = common.online ? undefined : facts.lastSeen(nodeId);
  return {
    ...common,
    state: 'behind',
    ...(sentAt !== undefined && { sentAt }),
    ...(lastSeen !== undefined && { lastSeen }),
  };
}
