import type { EventStore } from '#event-store';
import type { TailnetEvent } from '#tailnet';
import { upcast } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Effect } from './effect.js';

/** Of those whom an event concerned: who takes no part in the network any more, and since when. */
export async function departuresOf(
  store: EventStore,
  { stream, netmaps }: Tailnet,
  { network, diffs }: Effect,
  recordedAt: number,
): Promise<ReadonlyMap<string, number>> {
  const gone = new Map<string, number>();
  const sought = new Map<string, string | undefined>();
  for (const nodeId of diffs.keys()) {
    if (netmaps.latest.nodes.get(nodeId)?.presence) continue;
    const then = network.nodes.get(nodeId);
    if (then?.presence) sought.set(nodeId, then.userId);
    else gone.set(nodeId, recordedAt); // by the event itself, or before
  }
  if (sought.size === 0) return gone;
  for await (const event of store.read(stream, { from: network.revision + 1 })) {
    const known = upcast(event);
    for (const [nodeId, userId] of known ? sought : []) {
      if (!known || !takesOut(known, nodeId, userId)) continue;
      gone.set(nodeId, event.recordedAt);
      sought.delete(nodeId);
    }
    if (sought.size === 0) break;
  }
  for (const nodeId of sought.keys()) gone.set(nodeId, recordedAt);
  return gone;
}

/** Whether an event ends the part that a node, or every node of its user, takes in the network. */
function takesOut({ type, data }: TailnetEvent, nodeId: string, userId: string | undefined): boolean {
  switch (type) {
    case 'NodeRemoved':
    case 'NodeExpired':
      return data.nodeId === nodeId;
    case 'UserSuspended':
    case 'UserRemoved':
      return data.userId === userId;
    default:
      return false;
  }
}
