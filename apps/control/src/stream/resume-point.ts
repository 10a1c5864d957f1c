import { equalBytes } from '#kernel';
import type { Digest, Network } from '#netmap';
import type { Resume } from '#wire';
import type { NetmapSource } from './netmap-source.js';

/** Where a stream starts from. */
export type ResumePoint =
  /** The agent's netmap is this network's view of it, proven by the digest. */
  | { readonly kind: 'known'; readonly network: Network; readonly digest: Digest }
  /** The agent has nothing that this server could build on, and says so truthfully. */
  | { readonly kind: 'unknown' }
  /** The agent's netmap is not what it was at that revision: somebody has a fault. */
  | { readonly kind: 'disagrees' };

/**
 * Judges what an agent says it has.
 * @param former the network of that revision, when it is not remembered any more and somebody looked it up
 */
export function resumePoint(
  source: NetmapSource,
  nodeId: string,
  resume: Resume | undefined,
  former?: Network,
): ResumePoint {
  if (!resume || !equalBytes(resume.epoch, source.epoch)) return { kind: 'unknown' };
  const exact = source.at(resume.revision);
  // A netmap that no event has touched is still the same at the oldest network that is remembered.
  const forgotten = resume.revision < source.oldest.revision;
  const network = exact ?? (forgotten ? (former ?? source.oldest) : source.latest);
  const digest = source.digest(network, nodeId);
  if (equalBytes(digest, resume.digest)) return { kind: 'known', network, digest };
  return { kind: forgotten ? 'unknown' : 'disagrees' };
}
