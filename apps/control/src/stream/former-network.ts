import { equalBytes } from '#kernel';
import type { Network } from '#netmap';
import type { HelloClaim } from '#wire';
import type { Tailnet } from '../tailnet/tailnet.js';

/** An agent that has been away for longer gets a snapshot: to find out what it has would cost more. */
const DEPTH = 16 * 1_024;
/** So many of one tailnet are looked up at a time, each for so many milliseconds; others get snapshots. */
const MOST_AT_ONCE = 4;
const PATIENCE_MS = 2_000;

const looking = new WeakMap<Tailnet['history'], number>();

/**
 * The network that an agent's netmap was a view of, from the history of its tailnet: it has been away for longer than is
 * remembered, and something that it sees has changed since. Undefined when it has not, and when that would take too long.
 */
export async function formerNetwork(
  { netmaps, history }: Pick<Tailnet, 'netmaps' | 'history'>,
  { nodeId, resume }: Pick<HelloClaim, 'nodeId' | 'resume'>,
): Promise<Network | undefined> {
  const { oldest, latest, epoch } = netmaps;
  if (!resume || !equalBytes(resume.epoch, epoch) || resume.revision >= oldest.revision) return undefined;
  if (latest.revision - resume.revision > DEPTH || equalBytes(netmaps.digest(oldest, nodeId), resume.digest)) {
    return undefined;
  }
  const others = looking.get(history) ?? 0;
  if (others >= MOST_AT_ONCE) return undefined;
  looking.set(history, others + 1);
  const found = history.networkAt(resume.revision).catch(() => undefined);
  void found.then(() => looking.set(history, (looking.get(history) ?? 1) - 1));
  return inTime(found);
}

async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const late = setTimeout(() => resolve(undefined), PATIENCE_MS);
  return Promise.race([work, promise]).finally(() => clearTimeout(late));
}
