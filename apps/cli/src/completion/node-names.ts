import type { Status } from '../../../agent/src/local-api/status.js';
import { nodesOf } from '../commands/local/find-node.js';
import type { LocalClient } from '../local/local-client.js';
import type { Candidate } from './complete.js';

/** A person who has pressed Tab waits for it. */
const PATIENCE_MS = 3_000;

/** The nodes that this machine may see; none when the agent does not answer, which is not the moment to complain. */
export async function nodeNames(agent: LocalClient, onlyExitNodes: boolean): Promise<Candidate[]> {
  const status = await agent
    .call<Status>('GET /status', undefined, AbortSignal.timeout(PATIENCE_MS))
    .catch(() => undefined);
  if (!status) return [];
  const nodes = onlyExitNodes
    ? Object.values(status.Peer).filter(({ ExitNodeOption }) => ExitNodeOption)
    : nodesOf(status);
  return nodes.map(({ HostName, IPs }) => ({ word: HostName, what: IPs[0] ?? '' }));
}
