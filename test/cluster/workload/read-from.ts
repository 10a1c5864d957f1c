import type { Read } from '../history/history.js';
import type { ReplicaApi } from './replica-api.js';

export const READ_PATHS = ['nodes', 'policy', 'revision'] as const;

/** Has a replica show something no older than a revision; undefined when it did not. */
export async function readFrom(
  api: ReplicaApi,
  replica: number,
  path: (typeof READ_PATHS)[number],
  minRevision: number,
): Promise<Read | undefined> {
  const askedAt = Date.now();
  const headers: Record<string, string> = minRevision < 0 ? {} : { 'netfold-min-revision': String(minRevision) };
  const answer = await api.call('GET', path, undefined, headers);
  if (answer?.status !== 200) return undefined;
  const { revision, body, text } = answer;
  const nodes = body.nodes as { name: string }[] | undefined;
  return {
    replica,
    askedAt,
    answeredAt: Date.now(),
    minRevision,
    revision,
    ...(nodes && { nodeNames: nodes.map(({ name }) => name).sort() }),
    ...(path === 'policy' && { policy: text }),
  };
}
