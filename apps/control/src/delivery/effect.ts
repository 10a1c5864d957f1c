import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredEvent } from '#event-store';
import {
  advance,
  affectedViewers,
  diffView,
  emptyChange,
  emptyNetwork,
  isEmptyDiff,
  type NetmapDiff,
  type Network,
  type Span,
} from '#netmap';
import { upcast } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';

/** What one event did to the netmaps. */
export interface Effect {
  /** Right after it. */
  readonly network: Network;
  /** Node → how its netmap changed; nodes whose netmap stayed the same are absent. */
  readonly diffs: ReadonlyMap<string, NetmapDiff>;
}

/** So many diffs are made in one turn of the event loop. */
const SLICE = 256;

/** Works out what an event did, from the ledger alone: however long ago it was, and whoever was there. */
export async function effectOf(tailnet: Tailnet, event: StoredEvent): Promise<Effect> {
  const span = tailnet.netmaps.stepTo(event.revision) ?? (await pastStep(tailnet, event));
  const { before, after, change } = span;
  const diffs = new Map<string, NetmapDiff>();
  let looked = 0;
  for (const nodeId of affectedViewers(before, after, change)) {
    const diff = diffView(before, after, nodeId, change);
    if (!isEmptyDiff(diff)) diffs.set(nodeId, diff);
    if (++looked % SLICE === 0) await nextTurn();
  }
  return { network: after, diffs };
}

async function pastStep({ history }: Tailnet, stored: StoredEvent): Promise<Span> {
  const { revision } = stored;
  const before = revision === 0 ? emptyNetwork : await history.networkAt(revision - 1);
  const event = upcast(stored);
  if (!event) return { before, after: before, change: emptyChange };
  const { network, change } = advance(before, await history.stateAt(revision), event);
  return { before, after: network, change };
}
